import { spawn } from 'node:child_process'

/** How a program ended and what it printed. `code` is 127 when it could not be started, 128 + n after signal n. */
export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** How to run a program. */
export type RunOptions = {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly input?: string
  /** Milliseconds after which it is ended. @default no limit */
  readonly timeout?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** Is told how many lines of complaint were printed so far, as they come. */
  readonly onLines?: (count: number) => void
}

/** Runs a program to its end, its output kept. Never throws. */
export const run = (command: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  new Promise((resolve) => {
    const [program = '', ...args] = command
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: options.timeout,
      signal: options.signal,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    let lines = 0
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk)
      lines += chunk.filter((byte) => byte === 10).length
      options.onLines?.(lines)
    })
    child.once('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }))
    child.once('close', (code, signal) => {
      const text = { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
      resolve({ code: code ?? (signal === 'SIGTERM' ? 143 : 137), ...text })
    })
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input)
  })

/** The last lines of a program's complaint, for a sentence to a person. */
export const lastLines = (text: string, count = 3): string => text.trim().split('\n').slice(-count).join('\n')
