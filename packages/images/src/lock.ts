import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { failure, type Failure } from './outcome.ts'

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`, 'u'))

const lockSchema = z.strictObject({
  version: z.literal(1),
  /** What the layer that all our images share is made of. */
  base: z.strictObject({
    node: z.strictObject({ version: z.string(), integrity: z.string() }),
    debian: z.array(z.strictObject({ name: z.string(), version: z.string(), sha256: hex(64) })),
  }),
  /** Our images, by the hash of all that goes into them; by digest too once they were pushed. */
  ours: z.record(z.string(), z.strictObject({ tag: hex(12), digest: z.string().optional() })),
})

/** What images are made of and what they are called, as `images.lock.json` says. */
export type ImagesLock = z.infer<typeof lockSchema>

/** The lock file's place in a checkout. */
export const lockPath = (root: string): string => join(root, 'images.lock.json')

/** Reads the lock of a checkout. */
export const readLock = async (root: string): Promise<{ readonly ok: true; readonly lock: ImagesLock } | Failure> => {
  const path = lockPath(root)
  try {
    const parsed = lockSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (parsed.success) return { ok: true, lock: parsed.data }
    return failure(`${path} is not what it should be: ${z.prettifyError(parsed.error)}`, 'take it back from git')
  } catch (error) {
    return failure(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'take it back from git',
    )
  }
}

/** Writes the lock where it differs from what is there. */
export const writeLock = async (root: string, lock: ImagesLock): Promise<void> => {
  const text = `${JSON.stringify(lock, undefined, 2)}\n`
  const now = await readFile(lockPath(root), 'utf8').catch(() => '')
  if (now !== text) await writeFile(lockPath(root), text)
}

/** No registry: images are built here and imported, so the host is a name that no one can own. */
const host = 'homeslice.local'

/** The full names of our images. */
export const imageReferences = ({ ours }: ImagesLock): Record<string, string> =>
  Object.fromEntries(Object.entries(ours).map(([name, { tag }]) => [name, `${host}/${name}:${tag}`]))

/** Counts up when the way images are put together changes, so that they are built again. */
const recipeVersion = 1

/** The tag of an image of ours: the hash of its bundle, of the base, and of the way both are put together. */
export const tagOf = (bundle: string, base: ImagesLock['base']): string =>
  createHash('sha256')
    .update(JSON.stringify([recipeVersion, base]))
    .update(bundle)
    .digest('hex')
    .slice(0, 12)
