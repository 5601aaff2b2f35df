import { appUser, baseLayer } from './base.ts'
import { bundleServices } from './bundle.ts'
import type { Recipe } from './image.ts'
import type { KeyedLayer } from './layer.ts'
import { type Architecture, type ImagesLock, readLock, tagOf } from './lock.ts'
import type { Failure } from './outcome.ts'
import { writeOurs } from './refresh.ts'

/** One image of ours: what it is called and the program in it. */
export type Part = {
  readonly name: string
  readonly tag: string
  /** Of the index over all architectures, once that was pushed. */
  readonly digest?: string | undefined
  readonly bundle: string
}

/** Reads what our images are made of. A lock that is behind the sources is brought up to them. */
export const readParts = async (
  root: string,
): Promise<{ readonly ok: true; readonly lock: ImagesLock; readonly parts: readonly Part[] } | Failure> => {
  const read = await readLock(root)
  if (!read.ok) return read
  const bundled = await bundleServices(root)
  if (!bundled.ok) return bundled
  const locked = await writeOurs(root, read.lock, bundled.bundles)
  if (!locked.ok) return locked
  const { lock } = locked
  const parts = Object.entries(bundled.bundles).map(([name, bundle]): Part => {
    const tag = tagOf(bundle, lock.base)
    return { name, tag, bundle, digest: lock.ours[name]?.digest }
  })
  return { ok: true, lock, parts }
}

/** The layer that our images for an architecture share, checked against the lock. */
export const sharedLayer = (
  { base }: ImagesLock,
  architecture: Architecture,
  place: { readonly root: string; readonly cache: string },
): ReturnType<typeof baseLayer> => baseLayer({ architecture, base: base[architecture], ...place })

/** A program of ours on the shared base; the heap is held below the container's limit. */
export const recipeOf = ({ name, tag, bundle }: Part, architecture: Architecture, base: KeyedLayer): Recipe => ({
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
