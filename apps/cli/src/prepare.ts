import { buildImages, readLock } from '@homeslice/images'
import { foldersFrom, importImages, install, start, unlikeLock } from '@homeslice/sandbox'
import { sandboxName } from './cluster.ts'
import type { Context } from './context.ts'
import { obstacleTo } from './hostable.ts'
import type { House } from './house.ts'
import type { Failure } from './outcome.ts'
import type { Report } from './work.ts'

type Done = { readonly ok: true } | { readonly ok: false; readonly error: Failure }

/** Makes the sandbox ready for a home: its programs, itself, and the images of ours that the home uses. */
export const prepareSandbox = async ({ checkout }: Context, { rendered }: House, report: Report): Promise<Done> => {
  const folders = foldersFrom(process.env)
  const obstacle = await obstacleTo(sandboxName, folders)
  if (obstacle !== undefined) return { ok: false, error: obstacle }
  const installed = await install({ folders, report })
  if (!installed.ok) return { ok: false, error: installed }
  const lock = checkout === undefined ? undefined : await readLock(checkout)
  const unlike = lock?.ok === true && installed.installed.length > 0 ? unlikeLock(folders, lock.lock.thirdParty) : []
  for (const detail of unlike) report({ task: 'images', state: 'progress', detail })
  const started = await start({ name: sandboxName, folders, report })
  if (!started.ok) return { ok: false, error: started }
  const used = new Set(rendered.workloads.map(({ image }) => image))
  if (checkout === undefined) return { ok: true }
  const built = await buildImages({ root: checkout, cache: folders.cache, report })
  if (!built.ok) return { ok: false, error: built }
  const images = built.images.filter(({ reference }) => used.has(reference))
  const task = 'images'
  report({ task, state: 'start', detail: 'into the sandbox' })
  const imported = await importImages({ name: sandboxName, folders }, images)
  if (!imported.ok) {
    report({ task, state: 'failed' })
    return { ok: false, error: imported }
  }
  report({ task, state: 'done', detail: `${imported.imported.length} of ${images.length} were new` })
  return { ok: true }
}
