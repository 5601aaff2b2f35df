import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** How a command ended and all that it printed. */
export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs: to be waited for, signalled, or read while it goes on. */
export type Running = {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when standard error or output has shown this text; rejects if the command ends without it. */
  readonly shows: (text: string) => Promise<void>
}

type Options = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  /** Its own process group, so that a test can kill it with all its children. */
  readonly detached?: boolean
  readonly uid?: number
}

/** The root of this repository. */
export const root = join(import.meta.dirname, '..', '..', '..')

/** Starts a program with real streams. */
export const start = (program: string, args: readonly string[], options: Options = {}): Running => {
  const child = spawn(program, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.detached ?? false,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  })
  const seen = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      seen[name] += text
      for (const look of watchers) look()
    })
  }
  child.stdin.on('error', () => undefined) // a program may end without reading what it was given
  child.stdin.end(options.input ?? '')
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...seen }))
  })
  const shows = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!seen.stdout.includes(text) && !seen.stderr.includes(text)) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
      ended.then(
        () => reject(new Error(`ended without showing "${text}"; it printed:\n${seen.stdout}${seen.stderr}`)),
        reject,
      )
    })
  return { child, ended, shows }
}

/** Runs a program to its end. */
export const run = (program: string, args: readonly string[], options: Options = {}): Promise<Ended> =>
  start(program, args, options).ended

/** Runs `./homeslice` of this checkout, as a person would. */
export const homeslice = (args: readonly string[], options: Options = {}): Promise<Ended> =>
  run(join(root, 'homeslice'), args, options)
