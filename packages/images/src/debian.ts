import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AptError, type DebianPackage, download, newestIn, updateLists } from './apt.ts'
import { failure, type Failure } from './outcome.ts'

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const retry =
  'look at the network and try again; if the mirror has moved on, take what it has now with: ./homeslice build --relock'

/** The file of a pinned package: from the cache, else from Debian's mirror; nothing is taken whose hash is another. */
export const packageFile = async (
  wanted: DebianPackage,
  cache: string,
): Promise<{ readonly ok: true; readonly path: string } | Failure> => {
  const folder = join(cache, 'debian')
  const path = join(folder, `${wanted.name}-${wanted.sha256}.deb`)
  const kept = await readFile(path).catch(() => undefined)
  if (kept !== undefined && sha256(kept) === wanted.sha256) return { ok: true, path }
  await mkdir(folder, { recursive: true })
  const scratch = await mkdtemp(join(folder, 'download-'))
  try {
    const file = await fetched(wanted, scratch)
    const found = sha256(await readFile(file))
    if (found !== wanted.sha256) return otherHash(wanted, found)
    await rename(file, path)
    return { ok: true, path }
  } catch (error) {
    if (!(error instanceof AptError)) throw error
    return failure(`Debian's mirror does not give ${wanted.name} ${wanted.version}: ${error.message}`, retry)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A fresh machine has no lists, and old lists do not know a newer version: then the mirror is asked itself. */
const fetched = async (wanted: DebianPackage, scratch: string): Promise<string> => {
  const into = join(scratch, 'package')
  await mkdir(into)
  try {
    await download(wanted, into, undefined)
  } catch {
    await fromOwnLists(wanted, into, join(scratch, 'apt'))
  }
  const [name] = await readdir(into)
  if (name === undefined) throw new AptError('apt-get said that it fetched the package, and there is none')
  return join(into, name)
}

const fromOwnLists = async (wanted: DebianPackage, into: string, lists: string): Promise<void> => {
  const trouble = await updateLists(lists)
  try {
    await download(wanted, into, lists)
  } catch (error) {
    throw trouble === undefined ? error : new AptError(trouble, { cause: error })
  }
}

const otherHash = ({ name, version, sha256: wanted }: DebianPackage, found: string): Failure =>
  failure(
    `the file of Debian's ${name} ${version} has the hash ${found}, and images.lock.json wants ${wanted}`,
    'do not use it before you know why; if the mirror is to be trusted, run: ./homeslice build --relock',
  )

/** The newest version that the mirror has of each package, with its hash. */
export const newestPackages = async (
  names: readonly string[],
): Promise<{ readonly ok: true; readonly packages: DebianPackage[] } | Failure> => {
  const lists = await mkdtemp(join(tmpdir(), 'homeslice-apt-'))
  try {
    const trouble = await updateLists(lists)
    const packages = await newestIn(lists, names)
    const missing = names.filter((name) => !packages.some((one) => one.name === name))
    if (missing.length === 0) return { ok: true, packages }
    return failure(
      `Debian's mirror does not give ${missing.join(', ')}: ${trouble ?? 'it does not know them'}`,
      'look at the network and at the sources in /etc/apt, then try again',
    )
  } finally {
    await rm(lists, { recursive: true, force: true })
  }
}
