import type { ChildProcess } from 'node:child_process'
import { endProcess, isReady, type Start, startProcess } from './process.ts'

/** How a program is: `waiting` is between two tries, `idle` a job that nobody asked for yet, `failed` one that ended so. */
type State = 'idle' | 'starting' | 'ready' | 'running' | 'waiting' | 'done' | 'failed' | 'stopped'

/** How a program is, and why. */
export type Status = {
  readonly state: State
  readonly reason?: string
  /** How often it was started again after it ended by itself. */
  readonly restarts: number
}

/** A program that is kept running. */
export type Supervised = {
  readonly status: () => Status
  /** Starts it; a job runs once. */
  readonly start: () => void
  /** Ends it and starts it again, at once and without back-off. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** What is to be kept running, and who is told of it. */
export type Supervision = {
  /** Made anew for each start. */
  readonly prepare: () => Promise<Omit<Start, 'onEnd'>>
  /** Where it says that it is ready; a job is never asked. @default it ends by itself */
  readonly probe?: { readonly host: string; readonly port: number }
  readonly onChange: (status: Status) => void
}

type End = { readonly how: string; readonly isWell: boolean; readonly startedAt: number }

/** Waits between tries, in milliseconds: doubled from the first to the last. */
const backOff = { first: 250, last: 10_000 } as const
/** A program that ran for so long is taken for well: the next end is a first one. */
const well = 10_000
/** How long a program may take to end: before it is started again, and for good. In milliseconds. */
const patience = { restart: 500, stop: 4500 } as const

/** Whether a line says more of why a program ended than the one before: an error's first, else the last that is no stack. */
const tells = (line: string, before: string): boolean =>
  /Error\b/u.test(line) || !(/Error\b/u.test(before) || /^\s*(at |\^|Node\.js v|$)/u.test(line))

/** Keeps a program running: started again with back-off when it ends by itself. */
export const supervise = ({ prepare, probe, onChange }: Supervision): Supervised => {
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let status: Status = { state: 'idle', restarts: 0 }
  let failures = 0
  /** Counts up with every start and stop: what belongs to an older one has no say any more. */
  let turn = 0
  /** Ends come one after another, or two starts would hold one port. */
  let ending: Promise<void> = Promise.resolve()

  const become = (state: State, reason?: string, restarts = status.restarts): void => {
    status = { state, restarts, ...(reason === undefined ? {} : { reason }) }
    onChange(status)
  }

  const ended = (mine: number, { how, isWell, startedAt }: End): void => {
    if (mine !== turn) return
    child = undefined
    if (probe === undefined) return become(isWell ? 'done' : 'failed', how)
    failures = performance.now() - startedAt > well ? 1 : failures + 1
    const wait = Math.min(backOff.last, backOff.first * 2 ** (failures - 1))
    become('waiting', `${how}; it is started again in ${(wait / 1000).toFixed(1)} s`)
    timer = setTimeout(() => void launch(status.restarts + 1), wait)
  }

  const watchReady = async (mine: number): Promise<void> => {
    while (probe !== undefined && mine === turn && child !== undefined) {
      if (await isReady(probe.host, probe.port)) {
        if (mine === turn) become('ready')
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  const launch = async (restarts: number): Promise<void> => {
    turn += 1
    const mine = turn
    become(probe === undefined ? 'running' : 'starting', undefined, restarts)
    let last = ''
    try {
      const start = await prepare()
      if (mine !== turn) return
      const startedAt = performance.now()
      child = startProcess({
        ...start,
        onLine: (line, from) => {
          if (from === 'stderr' && tells(line, last)) last = line.trim()
          start.onLine(line, from)
        },
        onEnd: (how, isWell) => {
          const whole = last === '' || how.startsWith('SIG') ? how : `${how} (${last})`
          ended(mine, { how: whole, isWell, startedAt })
        },
      })
      await watchReady(mine)
    } catch (error) {
      const how = error instanceof Error ? error.message : String(error)
      ended(mine, { how, isWell: false, startedAt: performance.now() })
    }
  }

  const end = (milliseconds: number): Promise<void> => {
    turn += 1
    clearTimeout(timer)
    const last = child
    child = undefined
    return last === undefined ? Promise.resolve() : endProcess(last, milliseconds)
  }

  return {
    status: () => status,
    start: () => void launch(status.restarts),
    restart: () => {
      const mine = turn + 1
      const gone = end(patience.restart)
      become(probe === undefined ? 'running' : 'starting')
      ending = Promise.all([ending, gone]).then(() => {
        // Another restart or a stop may have come while it ended.
        if (turn !== mine) return
        failures = 0
        void launch(status.restarts)
      })
      return ending
    },
    stop: async () => {
      await Promise.all([ending, end(patience.stop)])
      become('stopped')
    },
  }
}
