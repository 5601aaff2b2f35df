import { closeSync, mkdirSync, openSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtNames } from './built.ts'
import { lastLines } from './command.ts'
import { writeConfig } from './config/write.ts'
import { importInto } from './containers.ts'
import { foldersFrom, placesOf, type Folders, type Places } from './folders.ts'
import { kubectl } from './kubectl.ts'
import { lookAtMachine } from './machine.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import { applyParts } from './parts/apply.ts'
import { manifestOf } from './parts/manifest.ts'
import { findRunning, type Running } from './running.ts'
import { settle } from './settle.ts'
import type { Settings } from './settings.ts'
import { partImages, systemImages } from './systemimages.ts'

/** How a sandbox is started. */
export type StartOptions = {
  readonly name: string
  /** @default the folders that the environment names */
  readonly folders?: Folders
  /** @default nobody is told */
  readonly report?: Report
  /** False makes etcd skip fsync; only for sandboxes that nobody will miss. Counts at the first start. @default true */
  readonly durable?: boolean
}

/** A running sandbox, as those who use it see it. */
export type Started = { readonly settings: Settings; readonly kubeconfig: string; readonly began: boolean }

/** Starts a sandbox, or does nothing when it runs: `began` says which. It returns when pods can be made. */
export const start = async (options: StartOptions): Promise<Outcome<Started>> => {
  const { name, folders = foldersFrom(process.env), report = () => undefined, durable = true } = options
  const places = placesOf(folders, name)
  const settled = await settle({ name, folders, durable }, places)
  if (!settled.ok) return settled
  const { settings } = settled
  const running = findRunning(places)
  const up = running ? { ok: true as const, running } : await bringUp(folders, places, settings, report)
  if (!up.ok) return up
  const manifest = manifestOf(folders, places, settings, partImages())
  const imported = running ? { ok: true as const } : await importWithReport(folders, up.running, report)
  if (!imported.ok) return imported
  const applied = await applyParts(folders, places, manifest, report)
  if (!applied.ok) return applied
  const ready = running ? { ok: true as const } : await waitForNode(folders, places, report)
  if (!ready.ok) return ready
  return { ok: true, settings, kubeconfig: places.kubeconfig, began: running === undefined }
}

const bringUp = async (
  folders: Folders,
  places: Places,
  settings: Settings,
  report: Report,
): Promise<Outcome<{ running: Running }>> => {
  const task = 'API server'
  report({ task, state: 'start' })
  const written = await writeConfig(folders, places, settings, lookAtMachine())
  if (!written.ok) return written
  launch(folders, places)
  const end = Date.now() + 120_000
  for (let running: Running | undefined; Date.now() < end; await sleep(100)) {
    const before = running
    running = findRunning(places)
    if (before && !running) break
    const answer = running && (await kubectl(folders, places, ['get', '--raw=/readyz'], { timeout: 5000 }))
    if (running && answer?.code === 0) {
      report({ task, state: 'done' })
      return { ok: true, running }
    }
  }
  const said = lastLines(readText(join(places.logs, 'node.log')))
  report({ task, state: 'failed', detail: said })
  return failure(`the sandbox's API server did not come up: ${said}`, `read the logs in ${places.logs}`)
}

const launch = (folders: Folders, places: Places): void => {
  mkdirSync(places.logs, { recursive: true, mode: 0o700 })
  const log = openSync(join(places.logs, 'node.log'), 'w', 0o600)
  const program = join(folders.cache, 'bin', builtNames().node, 'homeslice-node')
  spawn(program, ['run', places.plan], { detached: true, cwd: '/', stdio: ['ignore', log, log] }).unref()
  closeSync(log)
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const importWithReport = async (folders: Folders, running: Running, report: Report): Promise<Outcome> => {
  const task = 'system images'
  report({ task, state: 'start' })
  const imported = await importInto(folders, running, systemImages(folders))
  report({ task, state: imported.ok ? 'done' : 'failed' })
  return imported
}

const waitForNode = async (folders: Folders, places: Places, report: Report): Promise<Outcome> => {
  const task = 'node'
  report({ task, state: 'start' })
  const end = Date.now() + 60_000
  while (Date.now() < end) {
    const waited = await kubectl(folders, places, ['wait', 'node', '--all', '--for=condition=Ready', '--timeout=30s'])
    if (waited.code === 0) {
      report({ task, state: 'done' })
      return { ok: true }
    }
    await sleep(200)
  }
  report({ task, state: 'failed' })
  return failure('the node does not become ready', `read kubelet.log and containerd.log in ${places.logs}`)
}
