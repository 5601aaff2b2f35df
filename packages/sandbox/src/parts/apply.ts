import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastLines, type Finished } from '../command.ts'
import type { Folders, Places } from '../folders.ts'
import { kubectl } from '../kubectl.ts'
import { failure, type Outcome, type Report } from '../outcome.ts'
import { readJson } from '../running.ts'
import { writeWhole } from '../settings.ts'
import { inTask } from '../task.ts'
import type { Manifest, Step } from './manifest.ts'

const apply = [
  'apply',
  '--server-side',
  '--force-conflicts',
  '--field-manager=homeslice-sandbox',
  '-f',
  '-',
  '-o',
  'name',
]

const markOf = (places: Places): string => join(places.root, 'applied.json')

/** Whether this very manifest was applied to the sandbox. */
export const isApplied = (places: Places, manifest: Manifest): boolean => readJson(markOf(places)) === manifest.hash

/** Applies the manifest unless this very one was applied before. Its steps do not depend on each other, so they run side by side. */
export const applyParts = async (
  folders: Folders,
  places: Places,
  manifest: Manifest,
  report: Report,
): Promise<Outcome> => {
  if (isApplied(places, manifest)) return { ok: true }
  return inTask('system parts', report, async () => {
    const ended = await Promise.all(manifest.steps.map((step) => applyStep(folders, places, step)))
    const failed = ended.find(({ code }) => code !== 0)
    if (failed) {
      return failure(
        `the cluster does not take the sandbox's own parts: ${lastLines(failed.stderr)}`,
        'start it again; if that does not help, destroy this sandbox and make it anew',
      )
    }
    writeWhole(markOf(places), JSON.stringify(manifest.hash))
    return { ok: true }
  })
}

const applyStep = async (folders: Folders, places: Places, step: Step): Promise<Finished> => {
  const send = (input: string) => kubectl(folders, places, apply, { input })
  const objects = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: step.objects })
  if (step.definitions.length === 0) return send(objects)
  const defined = await send(step.definitions.join('\n---\n'))
  if (defined.code !== 0) return defined
  // The server takes a moment to serve a new definition; waiting for each one costs more than trying again.
  for (const end = Date.now() + 30_000; ; await sleep(100)) {
    const applied = await send(objects)
    if (applied.code === 0 || Date.now() > end || !isUnknownKind(applied.stderr)) return applied
  }
}

/** Whether kubectl complains that the server does not know a kind, which it may soon. */
export const isUnknownKind = (complaint: string): boolean =>
  /no matches for kind|could not find the requested resource/.test(complaint)
