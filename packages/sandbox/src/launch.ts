import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtNames } from './built.ts'
import { lastLines } from './command.ts'
import type { Folders, Places } from './folders.ts'
import { kubectl } from './kubectl.ts'
import { failure, type Outcome } from './outcome.ts'
import { findRunning, type Running } from './running.ts'

/** Starts the node's processes as the written plan says. They stay when this process ends. */
export const launch = async (folders: Folders, places: Places): Promise<Outcome<{ running: Running }>> => {
  mkdirSync(places.logs, { recursive: true, mode: 0o700 })
  const log = openSync(join(places.logs, 'node.log'), 'w', 0o600)
  const program = join(folders.cache, 'bin', builtNames().node, 'homeslice-node')
  const child = spawn(program, ['run', places.plan], { detached: true, cwd: '/', stdio: ['ignore', log, log] })
  closeSync(log)
  const failed = new Promise<undefined>((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
  })
  const running = await Promise.race([failed, recordOf(places, child.pid)])
  child.removeAllListeners()
  if (!running) return notUp(places, 'the sandbox did not start')
  child.unref()
  return { ok: true, running }
}

const recordOf = async (places: Places, outer: number | undefined): Promise<Running | undefined> => {
  for (const limit = Date.now() + 10_000; Date.now() < limit; await sleep(20)) {
    const running = findRunning(places)
    if (running && running.outer === outer) return running
  }
  return undefined
}

/** Waits until the API server says that it is ready, or the sandbox ends. */
export const waitForApi = async (folders: Folders, places: Places): Promise<Outcome> => {
  for (const end = Date.now() + 120_000; Date.now() < end && findRunning(places); await sleep(100)) {
    const answer = await kubectl(folders, places, ['get', '--raw=/readyz'], { timeout: 5000 })
    if (answer.code === 0) return { ok: true }
  }
  return notUp(places, "the sandbox's API server did not come up")
}

const notUp = (places: Places, what: string) => {
  const path = join(places.logs, 'node.log')
  const said = lastLines(readFileSync(path, 'utf8'))
  return failure(said === '' ? what : `${what}: ${said}`, `read the logs in ${places.logs}, then start it again`)
}
