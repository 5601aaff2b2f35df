import { randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ownImages } from './bundle.ts'

const day = 24 * 3_600_000

/** Each change of a service leaves an image of 50 MB behind, which is made again from its layers in a moment. */
const ownImage = new RegExp(`^(${ownImages.join('|')})-[0-9a-f]{12}\\.(tar|json)`, 'u')

/** How long a file that nobody uses is kept, in milliseconds: another checkout, or another branch, may still want it. */
const longest = (name: string): number => (ownImage.test(name) ? day : 14 * day)

/**
 * Removes images and layers that were not used for long from a cache, but for those that are named. Whatever is used is
 * touched then; the names keep what is in use now on a machine whose clock jumps.
 */
export const sweepCache = async (cache: string, named: readonly string[]): Promise<void> => {
  for (const folder of ['images', 'blobs', 'layers', 'images/blobs', 'images/layers']) {
    const path = join(cache, folder)
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const old = entry.isFile() && !named.some((name) => entry.name.startsWith(name))
      if (old) await removeUnused(join(path, entry.name), longest(entry.name))
    }
  }
}

/**
 * Another run may begin to use it at any moment: it touches it first, and makes it anew where it finds none. So it is
 * taken out of its place, then looked at again, and put back if it was touched just before.
 */
const removeUnused = async (path: string, milliseconds: number): Promise<void> => {
  if (!(await isUnused(path, milliseconds))) return
  const going = `${path}.${randomUUID()}`
  try {
    await rename(path, going)
    if (await isUnused(going, milliseconds)) await rm(going, { force: true })
    else await rename(going, path)
  } catch {
    // Another run removed it first, or it may not be removed by this user: it is only in the way.
  }
}

const isUnused = async (path: string, milliseconds: number): Promise<boolean> => {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > milliseconds
}
