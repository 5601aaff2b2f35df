import type { Machine } from '../machine.ts'
import type { Network } from '../network.ts'
import type { Program } from './programs.ts'

/** The program that brings the machine's network in, or null where there is none. */
export const wayOut = (_machine: Machine, _network: Network): Program | null => null
