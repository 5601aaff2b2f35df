import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { failure, type Outcome } from './outcome.ts'

const port = z.int().min(1).max(65_535)

const settingsSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  /** Ports on 127.0.0.1 of this machine. */
  ports: z.strictObject({ api: port, http: port, https: port }),
  /** The addresses inside are `10.<octet>.…`. */
  octet: z.int().min(0).max(255),
  /** False makes etcd skip fsync: faster, but a lost machine may lose the cluster. */
  durable: z.boolean(),
})

/** What a sandbox keeps about itself from its first start on. */
export type Settings = z.infer<typeof settingsSchema>

/** The settings in `path`; `settings` is absent when there are none yet. */
export const readSettings = (path: string): Outcome<{ settings?: Settings }> => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true }
    return failure(`cannot read ${path}: ${(error as Error).message}`, 'look at its owner and mode')
  }
  const parsed = settingsSchema.safeParse(parseJson(text))
  if (parsed.success) return { ok: true, settings: parsed.data }
  return failure(
    `${path} is not a sandbox's settings: ${z.prettifyError(parsed.error)}`,
    'restore the file from a backup, or remove this sandbox with `homeslice sandbox destroy`',
  )
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Writes the settings whole: a kill leaves either the old or the new file. */
export const writeSettings = (path: string, settings: Settings): void =>
  writeWhole(path, `${JSON.stringify(settings, null, 2)}\n`)

/** Writes a file that only its owner reads, by way of a new file beside it, so that no reader ever sees half of it. */
export const writeWhole = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}
