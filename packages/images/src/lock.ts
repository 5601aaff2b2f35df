import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hasGit } from './bundle.ts'
import { started } from './entrypoint.ts'
import { failure, type Failure, reasonOf } from './outcome.ts'
import { placeFile } from './place.ts'

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`, 'u'))

const packages = z.array(z.strictObject({ name: z.string(), version: z.string(), sha256: hex(64) })).min(1)

const baseSchema = z.strictObject({
  /** The integrity of npm's package, and the hash of the program in it. */
  node: z.strictObject({ version: z.string().min(1), integrity: z.string().min(1), sha256: hex(64) }),
  debian: packages,
})

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/u)

const lockSchema = z.strictObject({
  version: z.literal(2),
  /** What the layer that all our images share is made of, for each kind of machine. */
  base: z.strictObject({ amd64: baseSchema, arm64: baseSchema }),
  /** What the layer of git and ssh is made of, for each kind of machine. */
  git: z.strictObject({ amd64: packages, arm64: packages }),
  /**
   * The sandbox's own pods that run other people's programs, built here from pinned modules: the hash of the recipe, and
   * the digest that it makes for amd64, wherever it is built.
   */
  thirdParty: z.record(z.string(), z.strictObject({ tag: hex(12), digest })),
  /**
   * Our images, by the hash of all that goes into them; once they were pushed anywhere, by the digest of the index over
   * both architectures too, which is the same in every registry.
   */
  ours: z.record(z.string(), z.strictObject({ tag: hex(12), digest: digest.optional() })),
})

/** What images are made of and what they are called, as `images.lock.json` says. */
export type ImagesLock = z.infer<typeof lockSchema>

/** The kinds of machines that our images are for, in OCI's words. */
export type Architecture = keyof ImagesLock['base']

/** All of them, in the order in which they are built. */
export const architectures = ['amd64', 'arm64'] as const satisfies readonly Architecture[]

/** The kind of this machine. */
export const thisArchitecture = (): Architecture => (process.arch === 'arm64' ? 'arm64' : 'amd64')

/** The pinned inputs of the layer that all our images share, for one kind of machine. */
export type BaseLock = ImagesLock['base'][Architecture]

/** The pinned packages of the layer of git and ssh, for one kind of machine. */
export type GitLock = ImagesLock['git'][Architecture]

/** The lock file's place in a checkout. */
const lockPath = (root: string): string => join(root, 'images.lock.json')

/** Reads the lock of a checkout. */
export const readLock = async (root: string): Promise<{ readonly ok: true; readonly lock: ImagesLock } | Failure> => {
  const path = lockPath(root)
  const fix = 'take it back from git, or make it anew with: ./homeslice build --relock'
  try {
    const parsed = lockSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (parsed.success) return { ok: true, lock: parsed.data }
    return failure(`${path} is not what it should be: ${z.prettifyError(parsed.error)}`, fix)
  } catch (error) {
    return failure(`${path} cannot be read: ${reasonOf(error)}`, fix)
  }
}

/** Writes the lock where it differs from what is there. Fails where the checkout cannot be written. */
export const writeLock = async (root: string, lock: ImagesLock): Promise<{ readonly ok: true } | Failure> => {
  try {
    await placeFile(lockPath(root), `${JSON.stringify(lock, undefined, 2)}\n`)
    return { ok: true }
  } catch (error) {
    return failure(
      `${lockPath(root)} must change and cannot be written: ${reasonOf(error)}`,
      'run `./homeslice build` as the owner of that folder',
    )
  }
}

/** Where no registry is named, images are built here and imported: the host is a name that no one can own. */
const nowhere = 'homeslice.local'

/**
 * The full names of our images, known before any of them is built. In a registry an image is named by its digest as soon
 * as that is known.
 */
export const imageReferences = ({ ours }: Pick<ImagesLock, 'ours'>, registry?: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ours).map(([name, { tag, digest }]) => [
      name,
      registry === undefined || digest === undefined
        ? referenceOf(name, tag, registry)
        : `${registry}/${name}@${digest}`,
    ]),
  )

/** The full name of an image of ours, by its tag. */
export const referenceOf = (name: string, tag: string, registry = nowhere): string => `${registry}/${name}:${tag}`

/** Counts up when the way images are put together changes, so that nothing made the old way is taken for new. */
export const writerVersion = 3

/** Names all that decides what the shared layer of an architecture holds. */
export const baseKey = (architecture: Architecture, base: BaseLock): string =>
  createHash('sha256')
    .update(JSON.stringify([writerVersion, architecture, base]))
    .digest('hex')

/** Names all that decides what the layer of git and ssh of an architecture holds. */
export const gitKey = (architecture: Architecture, git: GitLock): string =>
  createHash('sha256')
    .update(JSON.stringify([writerVersion, 'git', architecture, git]))
    .digest('hex')

/** The bases of our images, pinned. */
export type Bases = Pick<ImagesLock, 'base' | 'git'>

/** The tag of an image of ours: the hash of its bundle, of every base, and of the way they are put together. */
export const tagOf = ({ name, bundle }: { readonly name: string; readonly bundle: string }, bases: Bases): string => {
  const hash = createHash('sha256')
  for (const architecture of architectures) {
    hash.update(baseKey(architecture, bases.base[architecture]))
    if (hasGit(name)) hash.update(gitKey(architecture, bases.git[architecture]))
  }
  return hash.update(JSON.stringify(started)).update(bundle).digest('hex').slice(0, 12)
}

/** What our images are called, given their bundles. A known digest stays with the tag that it was pushed under. */
export const oursOf = (bundles: Readonly<Record<string, string>>, lock: ImagesLock): ImagesLock['ours'] =>
  Object.fromEntries(
    Object.entries(bundles).map(([name, bundle]) => {
      const tag = tagOf({ name, bundle }, lock)
      const known = lock.ours[name]
      return [name, known?.tag === tag ? known : { tag }]
    }),
  )
