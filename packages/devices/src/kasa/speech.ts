import type { Result } from '../switch.ts'
import type { Ask } from './place.ts'

/** The answer shows that the device speaks another language. */
export const otherSpeech = 'other speech'

/** A switch in one of the two languages that Kasa devices speak, whatever the wire. */
export type Speech = {
  readonly read: (ask: Ask, deadline: AbortSignal) => Promise<Result<boolean> | typeof otherSpeech>
  readonly set: (ask: Ask, on: boolean, deadline: AbortSignal) => Promise<Result<boolean> | typeof otherSpeech>
}
