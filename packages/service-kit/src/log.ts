import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

const levels = ['debug', 'info', 'warn', 'error'] as const

/** How much is logged. */
export type LogLevel = (typeof levels)[number]

/** A level in any case; `info` where none is given; nothing for any other word. */
export const logLevel = (word: string | undefined): LogLevel | undefined => {
  if (word === undefined || word === '') return 'info'
  return levels.find((level) => level === word.toLowerCase())
}

/** One JSON object a line on standard output. */
export const createLog = (name: string, level: LogLevel): Logger =>
  pino(
    { name, level, base: { service: name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 1, sync: true }),
  )
