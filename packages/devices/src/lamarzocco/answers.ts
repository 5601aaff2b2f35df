import type { MachineState } from '../machine.ts'
import { refused, type Result } from '../switch.ts'
import { cloud } from './call.ts'

type Group = Readonly<Record<string, unknown>>

const group = (value: unknown): Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Group) : {}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Tokens as sign-in and refresh give them. */
export type Tokens = { readonly access: string; readonly refresh: string }

/** The tokens of an answer; they go into headers, so they must fit there. */
export const tokensOf = (body: unknown): Result<Tokens> => {
  const { accessToken: access, refreshToken: refresh } = group(body)
  return isToken(access) && isToken(refresh)
    ? { ok: true, value: { access, refresh } }
    : refused(`${cloud} let this account in without giving tokens`)
}

const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\u0021-\u007e]+$/u.test(value)

/** What a machine's own status means: on or not. In EcoMode it keeps warm, so that it can be turned off. */
const states: ReadonlyMap<unknown, boolean> = new Map([
  ['PoweredOn', true],
  ['Brewing', true],
  ['EcoMode', true],
  ['StandBy', false],
  ['Off', false],
])

/** Whether a machine is on, by its dashboard. */
export const stateOf = (serial: string, body: unknown): Result<MachineState> => {
  const { connected, widgets } = group(body)
  const widget = list(widgets).find((one) => group(one).code === 'CMMachineStatus')
  const { status } = group(group(widget).output)
  if (connected === false || status === 'Off') return { ok: true, value: { on: false, trouble: offAtTheMains(serial) } }
  const on = states.get(status)
  if (on !== undefined) return { ok: true, value: { on } }
  return typeof status === 'string'
    ? refused(`the machine ${serial} is in a state that is not known here: ${status.slice(0, 40)}`)
    : refused(`${cloud} answered without saying whether the machine ${serial} is on`)
}

const offAtTheMains = (serial: string): string =>
  `the machine ${serial} is off at its main switch or has no Wi-Fi: turn it on there; only then it hears commands`

/** Whether a command was accepted. */
export const acceptance = (serial: string, body: unknown): Result<true> => {
  const { id, status, errorCode } = group(list(body)[0])
  if (status === 'Error' || status === 'Timeout') {
    const code = typeof errorCode === 'string' ? ` (${errorCode.slice(0, 40)})` : ''
    return refused(`the machine ${serial} did not take the command: ${status}${code}`)
  }
  return typeof id === 'string' && typeof status === 'string'
    ? { ok: true, value: true }
    : refused(`${cloud} answered a command without accepting it`)
}
