import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { appUser, baseLayer } from './base.ts'
import { bundleServices } from './bundle.ts'
import { type Recipe, writeImage, type WrittenImage } from './image.ts'
import type { KeyedLayer } from './layer.ts'
import { type ImagesLock, imageReferences, readLock, tagOf, writeLock } from './lock.ts'
import { failure, type Failure, type Report } from './outcome.ts'
import { Store } from './store.ts'

/** An image that is ready to be imported. */
export type BuiltImage = WrittenImage & { readonly name: string; readonly tar: string }

/** Where to build, what to keep, whom to tell. */
export type BuildOptions = { readonly root: string; readonly cache: string; readonly report: Report }

/** A program of ours on the shared base; the heap is held below the container's limit. */
const serviceRecipe = (name: string, bundle: string, base: KeyedLayer): Recipe => ({
  layers: [base, [{ path: '/app/main.mjs', content: { kind: 'text', text: bundle } }]],
  entrypoint: ['/usr/bin/node', '--max-old-space-size=48', '/app/main.mjs'],
  user: `${appUser}:${appUser}`,
  workingFolder: '/app',
  env: { NODE_ENV: 'production', NODE_USE_ENV_PROXY: '1' },
  labels: {
    'org.opencontainers.image.title': `homeslice ${name}`,
    'org.opencontainers.image.licenses': 'MIT',
  },
})

/** Writes what the sources say now into the lock: the tags of our images. */
export const refreshLock = async (
  root: string,
): Promise<{ readonly ok: true; readonly lock: ImagesLock; readonly bundles: Record<string, string> } | Failure> => {
  const read = await readLock(root)
  if (!read.ok) return read
  const bundles = await bundleServices(root)
  const lock = { ...read.lock, ours: oursOf(bundles, read.lock) }
  await writeLock(root, lock)
  return { ok: true, lock, bundles }
}

const oursOf = (bundles: Readonly<Record<string, string>>, lock: ImagesLock): ImagesLock['ours'] =>
  Object.fromEntries(
    Object.entries(bundles).map(([name, bundle]) => {
      const tag = tagOf(bundle, lock.base)
      const known = lock.ours[name]
      return [name, known?.tag === tag ? known : { tag }]
    }),
  )

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Builds our images, those that are not built yet. */
export const buildImages = async ({
  root,
  cache,
  report,
}: BuildOptions): Promise<{ readonly ok: true; readonly images: readonly BuiltImage[] } | Failure> => {
  const fresh = await refreshLock(root)
  if (!fresh.ok) return fresh
  const { lock, bundles } = fresh
  try {
    return await buildAll({ root, cache, report }, lock, bundles)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return failure(
      `the images cannot be written below ${cache}: ${error.message}`,
      'look at the free disk and at who owns that folder',
    )
  }
}

const buildAll = async (
  { root, cache, report }: BuildOptions,
  lock: ImagesLock,
  bundles: Readonly<Record<string, string>>,
): Promise<{ readonly ok: true; readonly images: readonly BuiltImage[] } | Failure> => {
  const references = imageReferences(lock)
  const store = new Store(join(cache, 'images'))
  const images: BuiltImage[] = []
  let base: KeyedLayer | undefined
  for (const [name, bundle] of Object.entries(bundles)) {
    const reference = references[name] ?? name
    const file = `${name}-${lock.ours[name]?.tag}`
    const tar = store.path(`${file}.tar`)
    const known = await store.readJson<WrittenImage>(`${file}.json`)
    if (known !== undefined && (await exists(tar))) {
      images.push({ ...known, name, tar })
      continue
    }
    const task = `image ${name}`
    report({ task, state: 'start' })
    if (base === undefined) {
      const made = await baseLayer({ base: lock.base, root, cache })
      if (!made.ok) {
        report({ task, state: 'failed' })
        return made
      }
      base = made.layer
    }
    const written = await writeImage(serviceRecipe(name, bundle, base), { out: tar, reference, cache })
    await store.write(`${file}.json`, JSON.stringify(written))
    images.push({ ...written, name, tar })
    const own = written.layers.at(-1)?.bytes ?? 0
    report({ task, state: 'done', detail: `${megabytes(written.bytes)}, of which its own layer ${megabytes(own)}` })
  }
  return { ok: true, images }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.size > 0,
    () => false,
  )
