import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AptError } from './apt.ts'
import { appUser, baseLayer } from './base.ts'
import { bundleServices, ownImages } from './bundle.ts'
import { type Recipe, writeImage, type WrittenImage } from './image.ts'
import type { KeyedLayer } from './layer.ts'
import { type BaseLock, readLock, referenceOf, tagOf } from './lock.ts'
import { failure, type Failure, type Report } from './outcome.ts'
import { writeOurs } from './refresh.ts'
import { Store } from './store.ts'

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

/** A program of ours on the shared base; the heap is held below the container's limit. */
const serviceRecipe = ({ name, tag, bundle, architecture }: Part, base: KeyedLayer): Recipe => ({
  architecture,
  layers: [base, [{ path: '/app/main.mjs', content: { kind: 'text', text: bundle } }]],
  entrypoint: ['/usr/bin/node', '--max-old-space-size=48', '/app/main.mjs'],
  user: `${appUser}:${appUser}`,
  workingFolder: '/app',
  env: { NODE_ENV: 'production', NODE_USE_ENV_PROXY: '1' },
  labels: {
    'org.opencontainers.image.title': `homeslice ${name}`,
    'org.opencontainers.image.version': tag,
    'org.opencontainers.image.licenses': 'MIT',
  },
})

type Part = {
  readonly name: string
  readonly tag: string
  readonly reference: string
  readonly bundle: string
  readonly architecture: BaseLock['architecture']
}

type Built = { readonly ok: true; readonly images: readonly BuiltImage[] } | Failure

/** Builds our images, those that are not built yet. A lock that is behind the sources is brought up to them. */
export const buildImages = async ({ root, cache, report }: BuildOptions): Promise<Built> => {
  const read = await readLock(root)
  if (!read.ok) return read
  const bundled = await bundleServices(root)
  if (!bundled.ok) return bundled
  const locked = await writeOurs(root, read.lock, bundled.bundles)
  if (!locked.ok) return locked
  const { base } = locked.lock
  const parts = Object.entries(bundled.bundles).map(([name, bundle]): Part => {
    const tag = tagOf(bundle, base)
    return { name, tag, bundle, architecture: base.architecture, reference: referenceOf(name, tag) }
  })
  return onDisk(cache, () => buildAll({ root, cache, report }, base, parts))
}

const onDisk = async (cache: string, build: () => Promise<Built>): Promise<Built> => {
  try {
    return await build()
  } catch (error) {
    if (!(error instanceof AptError || (error instanceof Error && 'code' in error))) throw error
    return failure(
      `the images cannot be written below ${cache}: ${error.message}`,
      'look at the free disk and at who owns that folder',
    )
  }
}

const buildAll = async ({ root, cache, report }: BuildOptions, base: BaseLock, parts: Part[]): Promise<Built> => {
  const store = new Store(join(cache, 'images'))
  const kept = await Promise.all(parts.map((part) => keptImage(store, part)))
  if (kept.every((image) => image !== undefined)) return { ok: true, images: kept }
  const shared = await baseLayer({ base, root, cache })
  if (!shared.ok) return shared
  const images: BuiltImage[] = []
  for (const [index, part] of parts.entries()) {
    images.push(kept[index] ?? (await buildOne(part, shared.layer, { store, cache, report })))
  }
  await removeOld(store, images)
  return { ok: true, images }
}

const fileOf = ({ name, tag }: Part): string => `${name}-${tag}`

const keptImage = async (store: Store, part: Part): Promise<BuiltImage | undefined> => {
  const known = await store.readJson<WrittenImage>(`${fileOf(part)}.json`)
  const tar = `${fileOf(part)}.tar`
  if (known?.reference !== part.reference || !(await store.has(tar))) return undefined
  return { ...known, name: part.name, tar: store.path(tar) }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

type Workshop = { readonly store: Store; readonly cache: string; readonly report: Report }

const buildOne = async (part: Part, base: KeyedLayer, { store, cache, report }: Workshop): Promise<BuiltImage> => {
  const task = `image ${part.name}`
  report({ task, state: 'start' })
  const tar = store.path(`${fileOf(part)}.tar`)
  try {
    const written = await writeImage(serviceRecipe(part, base), { out: tar, reference: part.reference, cache })
    await store.write(`${fileOf(part)}.json`, JSON.stringify(written))
    const own = written.layers.slice(1).reduce((sum, layer) => sum + layer.bytes, 0)
    report({ task, state: 'done', detail: `${megabytes(written.bytes)}, of which its own layer ${megabytes(own)}` })
    return { ...written, name: part.name, tar }
  } catch (error) {
    report({ task, state: 'failed' })
    throw error
  }
}

/** How long an image that nothing names any longer is kept, in milliseconds: another checkout may still use it. */
const grace = 24 * 3_600_000

const oldName = new RegExp(`^(${ownImages.join('|')})-[0-9a-f]{12}\\.(tar|json)`, 'u')

/** Each change of a service leaves an image of 50 MB behind; yesterday's go. */
const removeOld = async (store: Store, images: readonly BuiltImage[]): Promise<void> => {
  const current = images.map(({ tar }) => tar.replace(/\.tar$/u, '.'))
  for (const name of (await readdir(store.path(''))).filter((name) => oldName.test(name))) {
    const path = store.path(name)
    if (current.some((start) => path.startsWith(start))) continue
    const found = await stat(path).catch(() => undefined)
    if (found !== undefined && Date.now() - found.mtimeMs > grace) await rm(path, { force: true })
  }
}
