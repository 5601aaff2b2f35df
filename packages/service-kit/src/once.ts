import { createLog, type Logger, logLevel } from './log.ts'
import type { Start } from './service.ts'

/** How a job ended: in a sentence, with facts for the log, and as what a scheduler sees. */
export type Outcome = {
  /** 0 is well; what else a job's contract says. */
  readonly exit: number
  readonly message: string
  /** Beside the message in the log, where it ended well. @default none */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** One job: told to end by the signal, it stops what it does and clears up. */
export type Job = (start: Start, tools: { readonly log: Logger; readonly signal: AbortSignal }) => Promise<Outcome>

/** Runs a job to its end: what went well is logged, what did not is a sentence on standard error. Gives the exit code. */
export const runOnce = async (name: string, job: Job, start: Start): Promise<number> => {
  const refuse = (message: string, code: number): number => {
    process.stderr.write(`${name}: ${message}\n`)
    return code
  }
  const level = logLevel(start.env.LOG_LEVEL)
  if (level === undefined)
    return refuse(`LOG_LEVEL is "${start.env.LOG_LEVEL}"; it can be debug, info, warn or error`, 2)
  const log = createLog(name, level)
  const told = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => told.abort(signal))
  const { exit, message, facts = {} } = await job(start, { log, signal: told.signal })
  if (exit !== 0) return refuse(message, exit)
  log.info(facts, message)
  return 0
}
