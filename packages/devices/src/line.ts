import { addAbortListener } from 'node:events'
import { type Result, silent } from './switch.ts'

/** Does work in its turn. Work whose deadline passes while it waits is answered then, and never begins. */
export type Line = <Value>(work: () => Promise<Result<Value>>, deadline: AbortSignal) => Promise<Result<Value>>

/** Whose turn it is: the end of what was asked for last. */
export type Turns = { last: Promise<unknown> }

/** The work of one device where order matters: one after another, as it was given. */
export const createLine = (name: string): Line => {
  const turns: Turns = { last: Promise.resolve() }
  return (work, deadline) => inTurn(turns, work, { deadline, name })
}

/** Does work after all that was given before it. `name` is who is said to be silent where the deadline comes first. */
export const inTurn = <Value>(
  turns: Turns,
  work: () => Promise<Result<Value>>,
  { deadline, name }: { readonly deadline: AbortSignal; readonly name: string },
): Promise<Result<Value>> => {
  const turn = turns.last.then(() => (deadline.aborted ? late(name) : work()))
  // A bug in one call must not stop the calls behind it.
  turns.last = turn.catch(() => undefined)
  return before(deadline, turn, name)
}

const late = (name: string): Result<never> =>
  silent(`${name} did not answer in time to the commands before this one; is it plugged in and on the network?`)

/** The result, or silence when the deadline passes first. A call that runs then ends too, and knows better why. */
export const before = <Value>(
  deadline: AbortSignal,
  work: Promise<Result<Value>>,
  name: string,
): Promise<Result<Value>> =>
  new Promise((resolve, reject) => {
    const waiting = addAbortListener(deadline, () => setImmediate(() => resolve(late(name))))
    work.finally(() => waiting[Symbol.dispose]()).then(resolve, reject)
  })
