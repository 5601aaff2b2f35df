import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ImagesLock } from './lock.ts'
import { failure, type Failure } from './outcome.ts'

type Package = ImagesLock['base']['debian'][number]

const run = promisify(execFile)

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

const reasonOf = (error: unknown): string => {
  const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : ''
  return said === '' ? String(error) : (said.split('\n').at(-1) ?? said)
}

/** The file of a pinned package: from the cache, else from Debian's mirror; nothing is taken whose hash is another. */
export const packageFile = async (
  wanted: Package,
  cache: string,
): Promise<{ readonly ok: true; readonly path: string } | Failure> => {
  const path = join(cache, 'debian', `${wanted.name}-${wanted.sha256}.deb`)
  const kept = await readFile(path).catch(() => undefined)
  if (kept !== undefined && sha256(kept) === wanted.sha256) return { ok: true, path }
  await mkdir(join(cache, 'debian'), { recursive: true })
  const folder = await mkdtemp(join(cache, 'debian', 'download-'))
  try {
    await run('apt-get', ['download', '-q', `${wanted.name}=${wanted.version}`], { cwd: folder })
    const [name = ''] = await readdir(folder)
    const found = sha256(await readFile(join(folder, name)))
    if (found !== wanted.sha256) {
      return failure(
        `Debian's ${wanted.name} ${wanted.version} has the hash ${found}, and the lock wants ${wanted.sha256}`,
        'do not use it before you know why; if the mirror is to be trusted, run: ./homeslice build --relock',
      )
    }
    await rename(join(folder, name), path)
    return { ok: true, path }
  } catch (error) {
    return failure(
      `Debian's mirror does not give ${wanted.name} ${wanted.version}: ${reasonOf(error)}`,
      'run `apt-get update` and try again; if the mirror has moved on, take its newer version with: ./homeslice build --relock',
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Unpacks a package's files below a folder. */
export const unpack = async (deb: string, folder: string): Promise<void> => {
  await run('dpkg-deb', ['--extract', deb, folder])
}

/** The newest version that the mirror gives of each package, with its hash. */
export const newestPackages = async (names: readonly string[]): Promise<Package[]> => {
  const { stdout } = await run('apt-cache', ['show', '--no-all-versions', ...names])
  const found = stdout.split('\n\n').flatMap((stanza) => {
    const field = (key: string): string | undefined => new RegExp(`^${key}: (.*)$`, 'mu').exec(stanza)?.[1]
    const [name, version, hash] = [field('Package'), field('Version'), field('SHA256')]
    return name === undefined || version === undefined || hash === undefined ? [] : [{ name, version, sha256: hash }]
  })
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
