import { spawn } from 'node:child_process'

/** How a program ended, and what it printed. */
export type Ended = { readonly code: number | string; readonly stdout: string; readonly stderr: string }

/** Where a program runs, with what, and for how long at most. */
export type Around = {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** More than any answer of git's that somebody waits for. */
const mostPrinted = 16 << 20

/** The code of one that printed more than anybody waits for. */
export const tooMuch = 'TOO_MUCH'

/**
 * Runs git with these words, each of them one argument: there is no shell between. The code is a word where there is no
 * number: the system's code for why it could not start, or the signal that ended it.
 */
export const runGit = (args: readonly string[], { folder, env, signal }: Around): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn('git', args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    // In a group of its own: git would end and leave its ssh behind.
    const end = (): void => endGroup(child.pid)
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
    let over = false
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
        if (over || printed[name].length <= mostPrinted) return
        over = true
        end()
      })
    }
    const ended = (code: number | string): void => {
      signal.removeEventListener('abort', end)
      resolve({ code, ...printed })
    }
    child.on('error', ({ code }: NodeJS.ErrnoException) => ended(String(code)))
    child.on('close', (code, by) => ended(over ? tooMuch : (code ?? String(by))))
  })

const endGroup = (leader: number | undefined): void => {
  if (leader === undefined) return
  try {
    process.kill(-leader, 'SIGTERM')
  } catch {
    // All of it has ended meanwhile.
  }
}
