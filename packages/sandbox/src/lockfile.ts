import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Report } from './outcome.ts'

/**
 * Runs `work` while holding the lock `path`.lock, waiting for whoever holds it.
 * The kernel keeps the lock, for a child that ends when this process does: a
 * holder that died, even by SIGKILL, holds nothing.
 */
export const withLock = async <T>(path: string, report: Report, work: () => Promise<T>): Promise<T> => {
  const lock = `${path}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held && exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => holder.once('close', resolve))
  // Without a flock program there is nobody to wait for either way; the work itself tolerates a second one.
  const held = new Promise((resolve) => {
    holder.stdout.once('data', resolve)
    holder.once('error', resolve)
  })
  const slow = setTimeout(() => report({ task: 'wait for another process', state: 'start', detail: lock }), 300)
  await held
  clearTimeout(slow)
  try {
    return await work()
  } finally {
    holder.stdin.on('error', () => undefined)
    holder.stdin.end()
    await ended
  }
}
