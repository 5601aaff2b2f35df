import { execFile, type ExecFileException } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Architecture, BaseLock } from './lock.ts'

const exec = promisify(execFile)

/** A package of Debian: its version and the hash of its file. */
export type DebianPackage = BaseLock['debian'][number]

/** A program of Debian's that failed, in its own last words. */
export class AptError extends Error {
  override readonly name = 'AptError'
}

/** Gives what a program printed; fails with an AptError and nothing else. */
const run = async (program: string, args: readonly string[], cwd = '/'): Promise<string> => {
  try {
    const { stdout } = await exec(program, args, { cwd, maxBuffer: 64 << 20, env: { ...process.env, LC_ALL: 'C' } })
    return stdout
  } catch (error) {
    throw new AptError(wordsOf(program, error as ExecFileException & { stderr?: string }), { cause: error })
  }
}

const wordsOf = (program: string, { code, stderr = '', message }: ExecFileException & { stderr?: string }): string => {
  if (code === 'ENOENT') return `there is no ${program} on this machine`
  const said = stderr.trim().split('\n')
  const first = said.find((line) => line.startsWith('E: '))
  return first?.slice(3) ?? (said.at(-1) || message)
}

/** Lists of packages of our own: their folder, and the kind of machine whose packages they list. */
export type Lists = { readonly folder: string; readonly architecture: Architecture }

/**
 * With lists of our own, finding what a mirror has neither needs root nor changes the machine, whatever its kind. The
 * mirrors and their keys are the machine's; what is installed on it means nothing for another kind.
 */
const ownLists = ({ folder, architecture }: Lists): readonly string[] =>
  [
    `Dir::State::Lists=${join(folder, 'lists')}`,
    `Dir::State::status=${join(folder, 'status')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
  ].flatMap((setting) => ['-o', setting])

/** Asks the mirrors what they have now. Gives the reason where one did not answer; the lists of the others are there. */
export const updateLists = async (lists: Lists): Promise<string | undefined> => {
  const { folder } = lists
  await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
  await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true })
  await writeFile(join(folder, 'status'), '')
  return run('apt-get', ['update', '-q', ...ownLists(lists), '-o', 'APT::Update::Error-Mode=any']).then(
    () => undefined,
    (error: AptError) => error.message,
  )
}

/** Fetches packages of these versions into `into`: by lists of our own, or by the machine's where none are given. */
export const download = async (
  packages: readonly DebianPackage[],
  into: string,
  lists: Lists | undefined,
): Promise<void> => {
  const own = lists === undefined ? ['-o', 'APT::Sandbox::User=root'] : ownLists(lists)
  const wanted = packages.map(({ name, version }) => `${name}=${version}`)
  await run('apt-get', ['download', '-q', ...own, ...wanted], into)
}

/** Unpacks a package's files below a folder. Nothing of the package is run. */
export const unpack = async (deb: string, folder: string): Promise<void> => {
  await run('dpkg-deb', ['--extract', deb, folder])
}

/** The newest version of each package in our lists, sorted by name. A package the mirror does not have is left out. */
export const newestIn = async (lists: Lists, names: readonly string[]): Promise<DebianPackage[]> => {
  // apt-cache fails when it knows none of the names.
  const shown = await run('apt-cache', ['show', ...ownLists(lists), '--no-all-versions', ...names]).catch(() => '')
  const found = shown.split('\n\n').flatMap((stanza) => {
    const field = (key: string): string | undefined => new RegExp(`^${key}: (.*)$`, 'mu').exec(stanza)?.[1]
    const [name, version, sha256] = [field('Package'), field('Version'), field('SHA256')]
    return name === undefined || version === undefined || sha256 === undefined ? [] : [{ name, version, sha256 }]
  })
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
