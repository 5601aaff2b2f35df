import { serveHealth, type Facts } from './health.ts'
import { createLog, type Logger, logLevel } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { type Handler, type RunningServer, serve } from './server.ts'

/** What a service's settings are read from. */
export type Start = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string | undefined>> }

/** A service that cannot start says why and ends with this code: 1 for wrong usage, 2 for settings that do not fit. */
export type CannotStart = { readonly ok: false; readonly exit: 1 | 2; readonly message: string }

/** A service made of its settings. */
export type Service = {
  readonly ok: true
  readonly handler: Handler
  /** @default none */
  readonly facts?: Facts
  /** Called once the last request is answered. @default nothing to do */
  readonly close?: () => Promise<void>
}

/** Makes a service from what it was started with. */
export type MakeService = (
  start: Start,
  tools: { readonly log: Logger; readonly metrics: Metrics },
) => Promise<Service | CannotStart>

const portOf = (value: string | undefined, otherwise: number): number | undefined => {
  if (value === undefined || value === '') return otherwise
  const port = Number(value)
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined
}

/** Runs a service until it is told to end: reads settings once, listens, and stops gracefully. Gives the exit code. */
export const runService = async (name: string, make: MakeService, start: Start): Promise<number> => {
  const refuse = (message: string, code = 2): number => {
    process.stderr.write(`${name}: ${message}\n`)
    return code
  }
  const level = logLevel(start.env.LOG_LEVEL)
  if (level === undefined) return refuse(`LOG_LEVEL is "${start.env.LOG_LEVEL}"; it can be debug, info, warn or error`)
  const port = portOf(start.env.PORT, 8000)
  const metricsPort = portOf(start.env.METRICS_PORT, 9000)
  if (port === undefined || metricsPort === undefined) return refuse('PORT and METRICS_PORT must be ports, 0 to 65535')
  const host = start.env.LISTEN_HOST || undefined
  const log = createLog(name, level)
  const metrics = createMetrics(name)
  const made = await make(start, { log, metrics })
  if (!made.ok) return refuse(made.message, made.exit)
  // From here on: whoever reads that it listens may end it at once.
  const ending = listenForEnd()
  let server: RunningServer | undefined
  const health = await opened(
    serveHealth(metricsPort, {
      registry: metrics.registry,
      ready: () => server !== undefined,
      facts: made.facts ?? (() => ({})),
      host,
    }),
  )
  if (typeof health === 'string') {
    ending.forget()
    return refuse(cannotOpen('METRICS_PORT', metricsPort, health))
  }
  const main = await opened(serve(made.handler, port, { log, metrics, host }))
  if (typeof main === 'string') {
    ending.forget()
    await health.stop()
    return refuse(cannotOpen('PORT', port, main))
  }
  server = main
  log.info({ port: main.port, metricsPort: health.port }, 'listening')
  const signal = await ending.signal
  log.info({ signal }, 'stopping')
  server = undefined
  await main.stop()
  await made.close?.()
  await health.stop()
  log.info('stopped')
  return 0
}

/** A server, or the system's code for why it has no port. */
const opened = (opening: Promise<RunningServer>): Promise<RunningServer | string> =>
  opening.catch((error: NodeJS.ErrnoException) => String(error.code))

const remedies: Readonly<Record<string, (setting: string) => string>> = {
  EADDRINUSE: (setting) => `is taken by another program; stop it, or set ${setting} to another`,
  EADDRNOTAVAIL: () => 'cannot be opened at LISTEN_HOST: this machine has no such address',
  EACCES: (setting) => `may not be opened by this user; set ${setting} to one above 1023`,
}

const cannotOpen = (setting: string, port: number, code: string): string =>
  `port ${port} ${remedies[code]?.(setting) ?? `cannot be opened: ${code}`}`

/** Listens for the signals that end a service. `forget`: they end the process by themselves again. */
const listenForEnd = () => {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>()
  const signals = ['SIGTERM', 'SIGINT'] as const
  for (const signal of signals) process.once(signal, resolve)
  return {
    signal: promise,
    forget: (): void => {
      for (const signal of signals) process.off(signal, resolve)
    },
  }
}
