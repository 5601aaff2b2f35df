import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Program } from './plan.ts'

/** What a process is started with: every path of the container is one below a folder of its own. */
export type LaidOut = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
  readonly folders: readonly string[]
}

/**
 * Moves a program's paths below a folder, wherever they are named: as its files, in its arguments, variables and texts. A
 * folder of a file may be named too, as the one where backups lie.
 */
export const below = (folder: string, { args, env, files, folders }: Program): LaidOut => {
  const around = Object.keys(files)
    .map((path) => dirname(path))
    .filter((path) => path !== '/')
  const paths = [...Object.keys(files), ...around, ...folders].toSorted((a, b) => b.length - a.length)
  const places = paths.map((path) => path.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&')).join('|')
  // A whole path only: neither the end of a URL nor the beginning of a longer name.
  const named = places === '' ? undefined : new RegExp(`(?<![\\w.-])(?:${places})(?![\\w.-])`, 'gu')
  const move = (text: string): string =>
    named === undefined ? text : text.replaceAll(named, (path) => join(folder, path))
  const entries = Object.entries(files).map(([path, text]) => [join(folder, path), move(text)] as const)
  return {
    args: args.map(move),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, move(value)])),
    files: Object.fromEntries(entries),
    folders: folders.map((path) => join(folder, path)),
  }
}

/** Writes them; only their owner may read them. */
export const layOut = async ({ files, folders }: LaidOut): Promise<void> => {
  for (const path of folders) await mkdir(path, { recursive: true, mode: 0o700 })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(path, text, { mode: 0o600 })
  }
}
