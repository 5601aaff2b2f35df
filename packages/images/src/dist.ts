import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { bundleCommandFiles, type Bundles } from './bundle.ts'
import { failure, type Failure } from './outcome.ts'
import { placeFile, writeWhole } from './place.ts'

type Done = { readonly ok: true } | Failure

/** How long parts of an older command stay, for those who still run it, in milliseconds. */
const grace = 24 * 3_600_000

/**
 * Bundles the command into `dist/cli.mjs` and its parts in `dist/cli/`. A command that runs meanwhile goes on: parts
 * are named by their content and stay for a day; `cli.mjs` comes last and whole.
 */
export const bundleCommand = async (root: string): Promise<Done> => {
  const bundled = await bundleCommandFiles(root)
  if (!bundled.ok) return bundled
  const dist = join(root, 'dist')
  const isPart = ({ path }: { readonly path: string }): boolean => path.startsWith(join(dist, 'cli/'))
  return writing(dist, async () => {
    for (const { path, contents } of bundled.files.filter(isPart)) await placePart(path, Buffer.from(contents))
    // The sandbox finds the sources of its programs beside the folder that it runs from.
    await copyFolder(join(root, 'packages/sandbox/kube'), join(dist, 'kube'))
    for (const { path, contents } of bundled.files.filter((file) => !isPart(file)))
      await writeWhole(path, Buffer.from(contents))
    await removeOldParts(join(dist, 'cli'), new Set(bundled.files.map(({ path }) => basename(path))))
  })
}

/** Writes the bundles of our images to `dist/services/<name>.mjs`. */
export const placeServices = (root: string, bundles: Bundles): Promise<Done> => {
  const folder = join(root, 'dist', 'services')
  return writing(folder, async () => {
    for (const [name, text] of Object.entries(bundles)) await placeFile(join(folder, `${name}.mjs`), text)
  })
}

const writing = async (folder: string, write: () => Promise<void>): Promise<Done> => {
  try {
    await write()
    return { ok: true }
  } catch (error) {
    // Anything else is a bug of ours, to be seen as it is.
    /* v8 ignore next -- @preserve */
    if (!(error instanceof Error && 'code' in error)) throw error
    return failure(`${folder} cannot be written: ${error.message}`, 'look at the free disk and at who owns that folder')
  }
}

/** Time zero marks a part of the newest command; any other time is when a part ceased to be one. */
const placePart = async (path: string, content: Buffer): Promise<void> => {
  await placeFile(path, content)
  await utimes(path, 0, 0)
}

const removeOldParts = async (folder: string, current: ReadonlySet<string>): Promise<void> => {
  const now = new Date()
  for (const name of (await readdir(folder)).filter((name) => !current.has(name))) {
    const path = join(folder, name)
    // One that bundles at the same time may have removed it.
    const since = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now.getTime(),
    )
    if (since === 0) await utimes(path, now, now)
    else if (now.getTime() - since > grace) await rm(path, { force: true })
  }
}

const copyFolder = async (from: string, to: string): Promise<void> => {
  const names = await filesBelow(from)
  for (const name of names) await placeFile(join(to, name), await readFile(join(from, name)))
  for (const name of await filesBelow(to).catch(() => [])) {
    if (!names.includes(name)) await rm(join(to, name), { force: true })
  }
}

const filesBelow = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
}
