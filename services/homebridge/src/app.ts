import { empty, type Handler, text } from '@homeslice/service-kit'
import type { Outcome } from './accessory.ts'

/** What the bridge is doing. */
export type Seen = {
  readonly state: 'starting' | 'waiting to be paired' | 'paired'
  readonly names: readonly string[]
  /** By name. */
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/** A page for people: the bridge, then each accessory with what it last said. It shows no code and changes nothing. */
export const createHomebridge =
  (see: () => Seen): Handler =>
  ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') return empty(405)
    const { state, names, outcomes } = see()
    const width = Math.max(0, ...names.map((name) => name.length))
    const lines = names.map((name) => `${name.padEnd(width)}  ${outcomes.get(name)?.says ?? 'not asked yet'}`)
    const count = `${names.length} ${names.length === 1 ? 'accessory' : 'accessories'}`
    return text(`${[`${state}, ${count}`, ...lines].join('\n')}\n`)
  }
