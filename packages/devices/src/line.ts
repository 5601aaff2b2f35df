import { addAbortListener } from 'node:events'
import { type Result, silent } from './switch.ts'

/** Does work in its turn. Work whose deadline passes while it waits is answered then, and never begins. */
export type Line = <Value>(work: () => Promise<Result<Value>>, deadline: AbortSignal) => Promise<Result<Value>>

/** The work of one device where order matters: one after another, as it was given. */
export const createLine = (name: string): Line => {
  let last: Promise<unknown> = Promise.resolve()
  return (work, deadline) => {
    const turn = last.then(() => (deadline.aborted ? late(name) : work()))
    // A bug in one call must not stop the calls behind it.
    last = turn.catch(() => undefined)
    return before(deadline, turn, name)
  }
}

const late = (name: string): Result<never> =>
  silent(`${name} did not answer in time; is it plugged in and on the network?`)

/** The result, or silence when the deadline passes first. */
export const before = <Value>(
  deadline: AbortSignal,
  work: Promise<Result<Value>>,
  name: string,
): Promise<Result<Value>> =>
  new Promise((resolve, reject) => {
    const waiting = addAbortListener(deadline, () => resolve(late(name)))
    work.finally(() => waiting[Symbol.dispose]()).then(resolve, reject)
  })
