import { readFile, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './place.ts'

/** Content kept by name below a folder. A file is there whole or not at all. */
export class Store {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** The path on disk of a name. */
  path(name: string): string {
    return join(this.#root, name)
  }

  /** Whether something lies under this name, of this size where one is given. It is in use from now on: touched. */
  async use(name: string, bytes?: number): Promise<boolean> {
    const path = this.path(name)
    const found = await stat(path).catch(() => undefined)
    return found !== undefined && found.size > 0 && (bytes === undefined || found.size === bytes) && touch(path)
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
    await writeWhole(this.path(name), content)
  }
}

/** False for what is gone. What this user may only read is not his to keep or to remove. */
const touch = (path: string): Promise<boolean> => {
  const now = new Date()
  return utimes(path, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
}
