import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file whole or not at all: beside its place, then renamed. Whoever reads the old one goes on reading it. */
export const writeWhole = async (path: string, content: Buffer | string): Promise<void> => {
  const half = `${path}.${randomUUID()}`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(half, content, { flush: true })
    await rename(half, path)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}

/** Writes a file whole, unless it already says the same: what did not change keeps its time. */
export const placeFile = async (path: string, content: Buffer | string): Promise<void> => {
  const now = await readFile(path).catch(() => undefined)
  if (now === undefined || !now.equals(Buffer.from(content))) await writeWhole(path, content)
}
