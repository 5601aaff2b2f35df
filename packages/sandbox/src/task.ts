import type { Outcome, Report } from './outcome.ts'

/** Runs `work` as a named task: its start and its end are reported. */
export const inTask = async <T extends object>(
  task: string,
  report: Report,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> => {
  report({ task, state: 'start' })
  const done = await work()
  report(done.ok ? { task, state: 'done' } : { task, state: 'failed', detail: done.message })
  return done
}
