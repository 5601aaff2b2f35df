import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AptError, type DebianPackage, download, type Lists, newestIn, updateLists } from './apt.ts'
import { type Architecture, thisArchitecture } from './lock.ts'
import { failure, type Failure } from './outcome.ts'

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const retry =
  'look at the network and try again; if the mirror has moved on, take what it has now with: ./homeslice build --relock'

/** Lists that are fetched when they are first needed, and then serve for all packages. */
type Market = { readonly lists: Lists; asked?: Promise<string | undefined> }

type Found = { readonly ok: true; readonly path: string } | Failure

/** The files of pinned packages, in their order. */
export const packageFiles = async (
  debian: readonly DebianPackage[],
  { architecture, cache }: { readonly architecture: Architecture; readonly cache: string },
): Promise<{ readonly ok: true; readonly paths: readonly string[] } | Failure> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-apt-'))
  try {
    const market: Market = { lists: { folder, architecture } }
    await fetchTogether(debian, cache, market)
    const paths: string[] = []
    for (const wanted of debian) {
      const file = await packageFile(wanted, cache, market)
      if (!file.ok) return file
      paths.push(file.path)
    }
    return { ok: true, paths }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const placeOf = ({ name, sha256: hash }: DebianPackage, cache: string): string =>
  join(cache, 'debian', `${name}-${hash}.deb`)

const isKept = async (wanted: DebianPackage, cache: string): Promise<boolean> => {
  const kept = await readFile(placeOf(wanted, cache)).catch(() => undefined)
  return kept !== undefined && sha256(kept) === wanted.sha256
}

/** One call for several packages is many times as fast as one for each. What it does not bring is fetched, and told, one by one. */
const fetchTogether = async (debian: readonly DebianPackage[], cache: string, market: Market): Promise<void> => {
  const kept = await Promise.all(debian.map((wanted) => isKept(wanted, cache)))
  const missing = debian.filter((_, index) => kept[index] === false)
  if (missing.length < 2) return
  await mkdir(join(cache, 'debian'), { recursive: true })
  const scratch = await mkdtemp(join(cache, 'debian', 'download-'))
  try {
    await fetched(missing, scratch, market)
    for (const name of await readdir(scratch)) {
      const hash = sha256(await readFile(join(scratch, name)))
      const wanted = missing.find((one) => one.sha256 === hash)
      if (wanted !== undefined) await rename(join(scratch, name), placeOf(wanted, cache))
    }
  } catch (error) {
    if (!(error instanceof AptError)) throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The file of a pinned package: from the cache, else from Debian's mirror; nothing is taken whose hash is another. */
const packageFile = async (wanted: DebianPackage, cache: string, market: Market): Promise<Found> => {
  const folder = join(cache, 'debian')
  const path = placeOf(wanted, cache)
  if (await isKept(wanted, cache)) return { ok: true, path }
  await mkdir(folder, { recursive: true })
  const scratch = await mkdtemp(join(folder, 'download-'))
  try {
    await fetched([wanted], scratch, market)
    const [name] = await readdir(scratch)
    if (name === undefined) throw new AptError('apt-get said that it fetched the package, and there is none')
    const file = join(scratch, name)
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

/**
 * A fresh machine has no lists, old lists do not know a newer version, and none know packages for another kind of
 * machine: then the mirror is asked itself.
 */
const fetched = async (wanted: readonly DebianPackage[], into: string, market: Market): Promise<void> => {
  if (market.lists.architecture !== thisArchitecture() || !(await fromMachineLists(wanted, into)))
    await fromOwnLists(wanted, into, market)
}

const fromMachineLists = (wanted: readonly DebianPackage[], into: string): Promise<boolean> =>
  download(wanted, into, undefined).then(
    () => true,
    () => false,
  )

const fromOwnLists = async (wanted: readonly DebianPackage[], into: string, market: Market): Promise<void> => {
  market.asked ??= updateLists(market.lists)
  const trouble = await market.asked
  try {
    await download(wanted, into, market.lists)
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
  architecture: Architecture,
): Promise<{ readonly ok: true; readonly packages: DebianPackage[] } | Failure> => {
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-apt-'))
  const lists: Lists = { folder, architecture }
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
    await rm(folder, { recursive: true, force: true })
  }
}
