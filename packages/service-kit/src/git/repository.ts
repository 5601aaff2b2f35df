import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressOf, logIn } from './login.ts'
import { type Ended, runGit } from './program.ts'
import { type About, troubleOf, wasOvertaken } from './trouble.ts'

/** A repository to push to. */
export type Remote = {
  /** `git@host:path` or `ssh://user@host:port/path` */
  readonly url: string
  readonly privateKeyPath: string
  /** The hosts that are trusted, as ssh writes them. @default the user's own */
  readonly knownHostsPath?: string | undefined
}

/** The newest commit of a repository, to put files into. */
export type Clone = {
  /** Empty at first: what is not written again stays as it is in the repository. */
  readonly folder: string
  /** The texts of those files of the newest commit that were asked for and are there. */
  readonly texts: ReadonlyMap<string, string>
}

/** What to push, and on whose behalf. */
export type Push = {
  readonly remote: Remote
  readonly author: { readonly name: string; readonly email: string }
  readonly message: string
  /** Writes files into the clone and names them. It may be called again, where somebody else pushed meanwhile. */
  readonly fill: (clone: Clone) => Promise<readonly string[]>
  /** Names of files of the newest commit whose texts `fill` needs. @default none */
  readonly reads?: readonly string[]
  readonly signal: AbortSignal
  /** What the path of the working folder begins with. @default a folder of the system for temporary files */
  readonly place?: string
  /** How long it may take in all, in milliseconds. @default ten minutes */
  readonly within?: number
}

/** Whether there was anything new, or why it could not be pushed, in a sentence. */
export type Pushed =
  | { readonly ok: true; readonly changed: false }
  | { readonly ok: true; readonly changed: true; readonly commit: string }
  | { readonly ok: false; readonly message: string }

/** How often a push is tried anew because somebody else was quicker. */
const tries = 3

/**
 * Commits files to a repository, on top of its newest commit, and pushes. Only that commit is fetched, and no file of it
 * that is not asked for. The working folder is gone when this ends.
 */
export const pushFiles = async (push: Push): Promise<Pushed> => {
  const place = push.place ?? join(tmpdir(), 'homeslice-backup')
  try {
    const folder = await mkdtemp(`${place}-`)
    try {
      return await pushFrom(folder, push)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } catch (error) {
    return { ok: false, message: onDisk(error, place) }
  }
}

/** What the disk had against it; anything else is a bug, to be seen as it is. */
const onDisk = (error: unknown, place: string): string => {
  if (!(error instanceof Error && 'code' in error)) throw error
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return `the disk below ${place} is full; make room there, nothing was changed`
  }
  return `${error.message}; look at who owns that folder, and whether it is there`
}

const pushFrom = async (folder: string, push: Push): Promise<Pushed> => {
  const login = await logIn(push.remote, folder)
  if (!login.ok) return login
  const signal = AbortSignal.any([push.signal, AbortSignal.timeout(push.within ?? 600_000)])
  const { url } = push.remote
  const about: About = { url, folder, ...(addressOf(url) ?? { host: url }) }
  const { name, email } = push.author
  const env = {
    ...login.env,
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  }
  const git: Git = (where, args) => runGit([...always, ...args], { folder: where, env, signal })
  let ended: Ended | undefined
  for (let tried = 0; tried < tries; tried += 1) {
    const once = await pushOnce({ ...push, git, clone: join(folder, `clone-${tried}`) })
    if ('pushed' in once) return once.pushed
    ended = once.ended
    if (signal.aborted) return { ok: false, message: cutShort(push.signal, about) }
    if (!wasOvertaken(ended)) return { ok: false, message: troubleOf(ended, about) }
  }
  return { ok: false, message: `others push to ${about.url} all the time; ${tries} tries came too late` }
}

const cutShort = (told: AbortSignal, { host }: About): string =>
  told.aborted ? `told to end by ${String(told.reason)}` : `${host} took too long and was given up`

type Git = (folder: string, args: readonly string[]) => Promise<Ended>

const always = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'commit.gpgSign=false']

type Once = Push & { readonly git: Git; readonly clone: string }

const pushOnce = async (once: Once): Promise<{ readonly pushed: Pushed } | { readonly ended: Ended }> => {
  const { git, clone, remote, fill, message, reads = [] } = once
  await mkdir(clone)
  const inClone = (...args: string[]): Promise<Ended> => git(clone, args)
  const narrow = ['--depth=1', '--single-branch', '--no-tags', '--filter=blob:none', '--no-checkout', '--template=']
  const cloned = await inClone('clone', '--quiet', ...narrow, '--', remote.url, '.')
  if (cloned.code !== 0) return { ended: cloned }
  // A repository without a commit has no HEAD, and nothing to take over.
  const born = (await inClone('rev-parse', '--verify', '--quiet', 'HEAD')).code === 0
  const texts = new Map<string, string>()
  for (const name of born ? reads : []) {
    const listed = await inClone('ls-tree', '--name-only', 'HEAD', '--', name)
    if (listed.stdout === '') continue
    const shown = await inClone('show', `HEAD:${name}`)
    if (shown.code !== 0) return { ended: shown }
    texts.set(name, shown.stdout)
  }
  const names = await fill({ folder: clone, texts })
  for (const step of [...(born ? [['reset', '--quiet']] : []), ['add', '--', ...names]]) {
    const ended = await inClone(...step)
    if (ended.code !== 0) return { ended }
  }
  const staged = await inClone('diff', '--cached', '--quiet', '--no-renames', '--', ...names)
  if (staged.code === 0) return { pushed: { ok: true, changed: false } }
  for (const step of [
    ['commit', '--quiet', '--no-verify', '--allow-empty-message', '-m', message],
    ['push', '--quiet', 'origin', 'HEAD'],
  ]) {
    const ended = await inClone(...step)
    if (ended.code !== 0) return { ended }
  }
  const commit = await inClone('rev-parse', 'HEAD')
  return { pushed: { ok: true, changed: true, commit: commit.stdout.trim() } }
}
