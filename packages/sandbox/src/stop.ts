import { existsSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { foldersFrom, placesOf, type Folders } from './folders.ts'
import { failure, type Outcome } from './outcome.ts'
import { findRunning } from './running.ts'
import type { SandboxOptions } from './use.ts'
import { removeGroups } from './groups.ts'

/** Stops a sandbox and keeps what it holds. Pods are asked to end first. `stopped` is false when it did not run. */
export const stop = async ({
  name,
  folders = foldersFrom(process.env),
}: SandboxOptions): Promise<Outcome<{ stopped: boolean }>> => {
  const places = placesOf(folders, name)
  const running = findRunning(places)
  if (!running) return { ok: true, stopped: false }
  process.kill(running.outer, 'SIGTERM')
  if (!(await gone(folders, name, 15_000))) {
    process.kill(running.inner, 'SIGKILL')
    if (!(await gone(folders, name, 5000))) {
      return failure(`the sandbox ${name} does not end (process ${running.outer})`, 'end that process by hand')
    }
  }
  await removeGroups(places.group)
  return { ok: true, stopped: true }
}

const gone = async (folders: Folders, name: string, limit: number): Promise<boolean> => {
  const places = placesOf(folders, name)
  for (const end = Date.now() + limit; Date.now() < end; await sleep(50)) {
    if (!findRunning(places)) return true
  }
  return false
}

/** Stops a sandbox and removes all it holds: objects, volumes, certificates. */
export const destroy = async ({ name, folders = foldersFrom(process.env) }: SandboxOptions): Promise<Outcome> => {
  const stopped = await stop({ name, folders })
  if (!stopped.ok) return stopped
  return removeAll(placesOf(folders, name).root)
}

// The kernel may still be ending mounts and processes of the sandbox, and what they write comes back.
const removeAll = async (root: string): Promise<Outcome> => {
  let problem = 'it is still there'
  for (let tries = 0; tries < 30; tries++) {
    try {
      rmSync(root, { recursive: true, force: true })
    } catch (error) {
      problem = (error as Error).message
    }
    if (!existsSync(root)) return { ok: true }
    await sleep(100)
  }
  return failure(`${root} cannot be removed: ${problem}`, 'look at what still uses it, then destroy it again')
}
