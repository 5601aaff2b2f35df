import { appUser, baseLayer } from './base.ts'
import { bundleServices, hasGit } from './bundle.ts'
import { started } from './entrypoint.ts'
import { gitLayer } from './git.ts'
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
    const tag = tagOf({ name, bundle }, lock)
    return { name, tag, bundle, digest: lock.ours[name]?.digest }
  })
  return { ok: true, lock, parts }
}

/** The layers that images of ours have in common: one of all of them, one of those that use git. */
export type CommonLayers = { readonly base: KeyedLayer; readonly git: KeyedLayer }

type Common = { readonly ok: true; readonly layers: CommonLayers } | Failure

/** The layers that our images for an architecture have in common, checked against the lock. */
export const commonLayers = async (
  { base, git }: ImagesLock,
  architecture: Architecture,
  place: { readonly root: string; readonly cache: string },
): Promise<Common> => {
  const shared = await baseLayer({ architecture, base: base[architecture], ...place })
  if (!shared.ok) return shared
  const withGit = await gitLayer({ architecture, git: git[architecture], cache: place.cache })
  if (!withGit.ok) return withGit
  return { ok: true, layers: { base: shared.layer, git: withGit.layer } }
}

/** A program of ours on the layers that it needs. */
export const recipeOf = (
  { name, tag, bundle }: Part,
  architecture: Architecture,
  { base, git }: CommonLayers,
): Recipe => ({
  architecture,
  layers: [base, ...(hasGit(name) ? [git] : []), [{ path: '/app/main.mjs', content: { kind: 'text', text: bundle } }]],
  ...started,
  user: `${appUser}:${appUser}`,
  workingFolder: '/app',
  labels: {
    'org.opencontainers.image.title': `homeslice ${name}`,
    'org.opencontainers.image.version': tag,
    'org.opencontainers.image.licenses': 'MIT',
  },
})
