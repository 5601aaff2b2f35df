import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A backup of the network application. */
export type Backup = { readonly name: string; readonly path: string; readonly madeAt: Date; readonly bytes: number }

/** The newest backup of a folder, or why there is none, in a sentence. */
export type Newest = { readonly ok: true; readonly backup: Backup } | { readonly ok: false; readonly message: string }

/**
 * The `.unf` file that was written last; of two at one time the one whose name comes last, as names hold the date. When
 * its rights or its place changed says nothing. Empty ones are what a full disk leaves behind.
 */
export const newestIn = async (folder: string): Promise<Newest> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => error)
  if (!Array.isArray(names)) {
    return {
      ok: false,
      message: `${folder} cannot be read (${String(names.code)}); mount there the folder in which UniFi leaves its automatic backups`,
    }
  }
  const wanted = names.filter((name) => name.endsWith('.unf') && !name.startsWith('.'))
  const found = await Promise.all(wanted.map((name) => backupAt(folder, name)))
  const backups = found.filter((one) => one !== undefined).toSorted(older)
  const backup = backups.at(-1)
  if (backup !== undefined) return { ok: true, backup }
  const empty = wanted.length > 0 ? `; its ${wanted.length} .unf are empty or no files` : ''
  return {
    ok: false,
    message: `no backup found in ${folder}${empty}; turn on automatic backups under System > Backups, and see that UniFi may write there`,
  }
}

const backupAt = async (folder: string, name: string): Promise<Backup | undefined> => {
  const path = join(folder, name)
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile() || found.size === 0) return undefined
  return { name, path, madeAt: found.mtime, bytes: found.size }
}

const older = (a: Backup, b: Backup): number => a.madeAt.getTime() - b.madeAt.getTime() || (a.name < b.name ? -1 : 1)
