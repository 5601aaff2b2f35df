import { join } from 'node:path'
import { lastLines, type Finished } from '../command.ts'
import type { Folders, Places } from '../folders.ts'
import { kubectl } from '../kubectl.ts'
import { failure, type Outcome, type Report } from '../outcome.ts'
import { readJson } from '../running.ts'
import { writeWhole } from '../settings.ts'
import type { Manifest } from './manifest.ts'

const manager = '--field-manager=homeslice-sandbox'
const apply = ['apply', '--server-side', '--force-conflicts', manager, '-f', '-', '-o', 'name']

/** Applies the manifest unless this very one was applied before. */
export const applyParts = async (
  folders: Folders,
  places: Places,
  manifest: Manifest,
  report: Report,
): Promise<Outcome> => {
  const mark = join(places.root, 'applied.json')
  if (readJson(mark) === manifest.hash) return { ok: true }
  const task = 'system parts'
  report({ task, state: 'start' })
  const failed = await applyAll(folders, places, manifest)
  if (failed) {
    report({ task, state: 'failed', detail: lastLines(failed.stderr) })
    return failure(
      `the cluster does not take the sandbox's own parts: ${lastLines(failed.stderr)}`,
      'start it again; if that does not help, destroy this sandbox and make it anew',
    )
  }
  writeWhole(mark, JSON.stringify(manifest.hash))
  report({ task, state: 'done' })
  return { ok: true }
}

const applyAll = async (folders: Folders, places: Places, manifest: Manifest): Promise<Finished | undefined> => {
  const send = (input: string) => kubectl(folders, places, apply, { input })
  const defined = await send(manifest.definitions.join('\n---\n'))
  if (defined.code !== 0) return defined
  const names = defined.stdout.split('\n').filter((name) => name.startsWith('customresourcedefinition'))
  const waited = await kubectl(folders, places, ['wait', '--for=condition=Established', '--timeout=60s', ...names])
  if (waited.code !== 0) return waited
  const applied = await send(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifest.objects }))
  return applied.code === 0 ? undefined : applied
}
