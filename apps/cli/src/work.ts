import { appendFileSync } from 'node:fs'
import type { Context } from './context.ts'
import { createProgress, type ProgressEvent } from './progress.ts'

/** Says how long work goes on. */
export type Report = (event: ProgressEvent) => void

type Options = { readonly json: boolean; readonly log?: string }

/**
 * Does long work with its progress shown on standard error (never with `--json`), each step also written to `--log`,
 * and leaves the screen tidy however it ends.
 */
export const withProgress = async <Result>(
  { process: { stderr } }: Context,
  { json, log }: Options,
  work: (report: Report) => Promise<Result>,
): Promise<Result> => {
  const progress = json ? undefined : createProgress(stderr)
  const report: Report = (event) => {
    progress?.report(event)
    if (log !== undefined) appendFileSync(log, `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
  }
  try {
    return await work(report)
  } finally {
    progress?.stop()
  }
}
