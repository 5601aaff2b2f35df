import { join } from 'node:path'
import { onDisk } from './disk.ts'
import { writeImage, type WrittenImage } from './image.ts'
import type { KeyedLayer } from './layer.ts'
import { type ImagesLock, referenceOf, thisArchitecture } from './lock.ts'
import type { Failure, Report } from './outcome.ts'
import { type Part, readParts, recipeOf, sharedLayer } from './parts.ts'
import { Store } from './store.ts'
import { sweepCache } from './sweep.ts'

/** An image that is ready to be imported. */
export type BuiltImage = WrittenImage & { readonly name: string; readonly tar: string }

/** Where to build, what to keep, whom to tell. */
export type BuildOptions = {
  /** The checkout with the sources. */
  readonly root: string
  /** Images go to `images/` in here, layers and packages beside it. */
  readonly cache: string
  readonly report: Report
}

type Built = { readonly ok: true; readonly images: readonly BuiltImage[] } | Failure

/** Builds our images for this machine, those that are not built yet. */
export const buildImages = async ({ root, cache, report }: BuildOptions): Promise<Built> => {
  const read = await readParts(root)
  if (!read.ok) return read
  return onDisk(cache, () => buildAll({ root, cache, report }, read))
}

type Wanted = { readonly lock: ImagesLock; readonly parts: readonly Part[] }

const buildAll = async ({ root, cache, report }: BuildOptions, { lock, parts }: Wanted): Promise<Built> => {
  const store = new Store(join(cache, 'images'))
  const kept = await Promise.all(parts.map((part) => keptImage(store, part)))
  if (kept.every((image) => image !== undefined)) return { ok: true, images: kept }
  const shared = await sharedLayer(lock, thisArchitecture(), { root, cache })
  if (!shared.ok) return shared
  const images: BuiltImage[] = []
  for (const [index, part] of parts.entries()) {
    images.push(kept[index] ?? (await buildOne(part, shared.layer, { store, cache, report })))
  }
  await sweepCache(cache, parts.map(fileOf))
  return { ok: true, images }
}

const fileOf = ({ name, tag }: Part): string => `${name}-${tag}`

const keptImage = async (store: Store, part: Part): Promise<BuiltImage | undefined> => {
  const [record, tar] = [`${fileOf(part)}.json`, `${fileOf(part)}.tar`]
  const known = await store.readJson<WrittenImage>(record)
  if (known?.reference !== referenceOf(part.name, part.tag)) return undefined
  if (!(await store.use(record)) || !(await store.use(tar))) return undefined
  return { ...known, name: part.name, tar: store.path(tar) }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

type Workshop = { readonly store: Store; readonly cache: string; readonly report: Report }

const buildOne = async (part: Part, base: KeyedLayer, { store, cache, report }: Workshop): Promise<BuiltImage> => {
  const task = `image ${part.name}`
  report({ task, state: 'start' })
  const tar = store.path(`${fileOf(part)}.tar`)
  try {
    const reference = referenceOf(part.name, part.tag)
    const written = await writeImage(recipeOf(part, thisArchitecture(), base), { out: tar, reference, cache })
    await store.write(`${fileOf(part)}.json`, JSON.stringify(written))
    const own = written.layers.slice(1).reduce((sum, layer) => sum + layer.bytes, 0)
    report({ task, state: 'done', detail: `${megabytes(written.bytes)}, of which its own layer ${megabytes(own)}` })
    return { ...written, name: part.name, tar }
  } catch (error) {
    report({ task, state: 'failed' })
    throw error
  }
}
