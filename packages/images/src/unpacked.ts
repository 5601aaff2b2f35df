import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { AptError, unpack } from './apt.ts'
import type { Entry, Layer } from './layer.ts'

/** Unpacks packages into a folder that is gone when `gather` has made a layer of it. */
export const layerOf = async (files: readonly string[], gather: (folder: string) => Promise<Layer>): Promise<Layer> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-base-'))
  try {
    for (const file of files) await unpack(file, folder)
    return await gather(folder)
  } catch (error) {
    if (error instanceof AptError) throw new AptError(`unpacking below ${folder}: ${error.message}`, { cause: error })
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What lies below a folder and is wanted, by its path in the image. */
export const entriesBelow = async (folder: string, wanted: (path: string) => boolean): Promise<Entry[]> => {
  // With types asked for, links are told from the folders that they lead to, and not followed.
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  const entries = await Promise.all(
    all.map(async (one): Promise<Entry[]> => {
      const from = join(one.parentPath, one.name)
      const path = `/${relative(folder, from)}`
      if (!wanted(path)) return []
      if (one.isDirectory()) return [{ path, content: { kind: 'folder' } }]
      if (one.isSymbolicLink()) return [{ path, content: { kind: 'link', to: await readlink(from) } }]
      // Read now: the folder is gone when the layer is written. The bits that lend an owner's rights are left behind.
      const { mode } = await stat(from)
      return [{ path, mode: mode & 0o755, content: { kind: 'text', text: await readFile(from) } }]
    }),
  )
  return entries.flat()
}
