import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from './outcome.ts'
import { processStat } from './running.ts'

/**
 * Runs `work` while holding the lock `path`.lock, waiting for whoever holds it.
 * A holder that died, even by SIGKILL, holds nothing: the lock names its process
 * and that process' start time.
 */
export const withLock = async <T>(path: string, report: Report, work: () => Promise<T>): Promise<T> => {
  const lock = `${path}.lock`
  mkdirSync(dirname(lock), { recursive: true })
  const self = identity(process.pid)
  for (let waiting = false; !take(lock, self); waiting = true) {
    if (!waiting) report({ task: 'wait for another process', state: 'start', detail: lock })
    await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

const identity = (pid: number): string => `${pid} ${processStat(pid)?.started ?? ''}`

// The lock is linked into place whole, so nobody reads an empty one.
const take = (lock: string, self: string): boolean => {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, self)
  try {
    linkSync(own, lock)
    return true
  } catch {
    const holder = readHolder(lock)
    if (holder !== undefined && holder !== identity(Number(holder.split(' ')[0]))) rmSync(lock, { force: true })
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

const readHolder = (lock: string): string | undefined => {
  try {
    return readFileSync(lock, 'utf8')
  } catch {
    return undefined
  }
}
