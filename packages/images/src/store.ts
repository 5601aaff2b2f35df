import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Content kept by name below a folder. A file is there whole or not at all: it is written beside its place, then renamed. */
export class Store {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** The path on disk of a name. */
  path(name: string): string {
    return join(this.#root, name)
  }

  /** Whether something non-empty lies under this name. */
  async has(name: string): Promise<boolean> {
    const found = await stat(this.path(name)).catch(() => undefined)
    return found !== undefined && found.size > 0
  }

  /** The JSON under this name; nothing where there is none or it cannot be read. */
  async readJson<T>(name: string): Promise<T | undefined> {
    const text = await readFile(this.path(name), 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as T
    } catch {
      return undefined
    }
  }

  /** Writes whole or not at all. */
  async write(name: string, content: Buffer | string): Promise<void> {
    const path = this.path(name)
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
}
