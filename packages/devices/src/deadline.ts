import { addAbortListener } from 'node:events'
import type { Result } from './switch.ts'

/** The result of work that may go on without us, or what to say when the deadline passes first. */
export const byDeadline = <Value>(
  deadline: AbortSignal,
  work: Promise<Result<Value>>,
  late: Result<never>,
): Promise<Result<Value>> =>
  new Promise((resolve, reject) => {
    const waiting = addAbortListener(deadline, () => resolve(late))
    work.finally(() => waiting[Symbol.dispose]()).then(resolve, reject)
  })
