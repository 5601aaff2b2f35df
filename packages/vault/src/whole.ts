import { randomUUID } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How a file gets its place: instead of what is there, or only where nothing is (else EEXIST). */
export type Placing = 'replace' | 'only if new'

/** Writes whole or not at all: beside its place, flushed, then put there. */
export const writeWhole = async (path: string, text: string, mode: number, placing: Placing): Promise<void> => {
  const half = `${path}.${randomUUID()}`
  try {
    await writeFlushed(half, text, mode)
    await (placing === 'replace' ? rename(half, path) : link(half, path))
  } finally {
    await rm(half, { force: true })
  }
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}

const writeFlushed = async (path: string, text: string, mode: number): Promise<void> => {
  await using file = await open(path, 'wx', mode)
  await file.writeFile(text)
  await file.sync()
}
