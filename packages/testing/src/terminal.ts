import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { root } from './command.ts'

/** A command on a terminal of its own, as a person sits before it. */
export type Terminal = {
  /** Types keys; Enter is `\r`, Ctrl-C is `\u0003`. */
  readonly type: (keys: string) => void
  /** Resolves when the screen has shown this text; rejects if the command ends without it. */
  readonly shows: (text: string) => Promise<void>
  /** How it ended, and all that was on the screen. */
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

/** Python opens the terminal: Node cannot by itself. What is typed here goes to it, what it shows comes back. */
const open = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`

type Options = { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string }

/** Starts a program on a terminal. It is gone when the test ends. */
export const onTerminal = (
  program: string,
  args: readonly string[],
  { env = {}, cwd = root }: Options = {},
): Terminal => {
  const sized = ['sh', '-c', 'stty columns 100 rows 40 && exec "$@"', 'sh', program, ...args]
  const child = spawn('python3', ['-c', open, ...sized], {
    cwd,
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let screen = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text
    for (const look of watchers) look()
  })
  child.stdin.on('error', () => undefined) // the program may have ended meanwhile
  const ended = new Promise<{ code: number | null; screen: string }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, screen }))
  })
  const shows = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!screen.includes(text)) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
      ended.then(() => reject(new Error(`ended without showing "${text}":\n${screen}`)), reject)
    })
  return { type: (keys) => void child.stdin.write(keys), shows, ended }
}
