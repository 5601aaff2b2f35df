import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { failure, type Failure, reasonOf } from './outcome.ts'
import { placeFile } from './place.ts'

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`, 'u'))

const lockSchema = z.strictObject({
  version: z.literal(1),
  /** What the layer that all our images share is made of. */
  base: z.strictObject({
    /** What the packages and Node below are for. */
    architecture: z.enum(['amd64', 'arm64']),
    /** The integrity of npm's package, and the hash of the program in it. */
    node: z.strictObject({ version: z.string().min(1), integrity: z.string().min(1), sha256: hex(64) }),
    debian: z.array(z.strictObject({ name: z.string(), version: z.string(), sha256: hex(64) })).min(1),
  }),
  /**
   * The sandbox's own pods that run other people's programs, built here from pinned modules: the hash of the recipe, and
   * the digest that it makes for amd64, wherever it is built.
   */
  thirdParty: z.record(
    z.string(),
    z.strictObject({ tag: hex(12), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u) }),
  ),
  /** Our images, by the hash of all that goes into them; by digest too once they were pushed. */
  ours: z.record(z.string(), z.strictObject({ tag: hex(12), digest: z.string().optional() })),
})

/** What images are made of and what they are called, as `images.lock.json` says. */
export type ImagesLock = z.infer<typeof lockSchema>

/** The pinned inputs of the layer that all our images share. */
export type BaseLock = ImagesLock['base']

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

/** No registry: images are built here and imported, so the host is a name that no one can own. */
const host = 'homeslice.local'

/** The full names of our images, known before any of them is built. */
export const imageReferences = ({ ours }: Pick<ImagesLock, 'ours'>): Record<string, string> =>
  Object.fromEntries(Object.entries(ours).map(([name, { tag }]) => [name, referenceOf(name, tag)]))

/** The full name of an image of ours. */
export const referenceOf = (name: string, tag: string): string => `${host}/${name}:${tag}`

/** Counts up when the way images are put together changes, so that nothing made the old way is taken for new. */
const recipeVersion = 3

/** Names all that decides what the shared layer holds. */
export const baseKey = (base: BaseLock): string =>
  createHash('sha256')
    .update(JSON.stringify([recipeVersion, base]))
    .digest('hex')

/** The tag of an image of ours: the hash of its bundle, of the base, and of the way both are put together. */
export const tagOf = (bundle: string, base: BaseLock): string =>
  createHash('sha256').update(baseKey(base)).update(bundle).digest('hex').slice(0, 12)

/** What our images are called, given their bundles. A known digest stays with the tag that it was pushed under. */
export const oursOf = (bundles: Readonly<Record<string, string>>, { base, ours }: ImagesLock): ImagesLock['ours'] =>
  Object.fromEntries(
    Object.entries(bundles).map(([name, bundle]) => {
      const tag = tagOf(bundle, base)
      const known = ours[name]
      return [name, known?.tag === tag ? known : { tag }]
    }),
  )
