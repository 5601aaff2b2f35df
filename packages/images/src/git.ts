import { AptError } from './apt.ts'
import { packageFiles } from './debian.ts'
import type { KeyedLayer } from './layer.ts'
import { type Architecture, type GitLock, gitKey } from './lock.ts'
import type { Failure } from './outcome.ts'
import { entriesBelow, layerOf } from './unpacked.ts'

/** git, ssh, and the libraries that they are linked with beyond those of the shared layer. */
export const gitPackages = [
  'git',
  'libcom-err2',
  'libgssapi-krb5-2',
  'libk5crypto3',
  'libkeyutils1',
  'libkrb5-3',
  'libkrb5support0',
  'libpcre2-8-0',
  'libselinux1',
  'libssl3',
  'openssh-client',
  'zlib1g',
] as const

const programs = ['/usr/bin/git', '/usr/bin/ssh'] as const

/**
 * Two programs and their libraries: git does the rest by starting itself, and ssh is started by our own program, so no
 * shell, no Perl and no other remote than one over SSH. The half of OpenSSL that speaks TLS is left out too.
 */
const isWanted = (path: string): boolean =>
  programs.some((program) => program === path) ||
  (/^(?:\/usr)?\/lib\/[^/]+-linux-gnu\/[^/]+\.so[.\d]*$/u.test(path) && !/\/libssl[^/]*\.so/u.test(path))

type Sources = { readonly architecture: Architecture; readonly git: GitLock; readonly cache: string }

/** The layer of git and ssh, for those of our images that push to a repository or stand for one. */
export const gitLayer = async ({
  architecture,
  git,
  cache,
}: Sources): Promise<{ readonly ok: true; readonly layer: KeyedLayer } | Failure> => {
  const files = await packageFiles(git, { architecture, cache })
  if (!files.ok) return files
  const entries = () =>
    layerOf(files.paths, async (folder) => {
      const found = await entriesBelow(folder, isWanted)
      const missing = programs.find((program) => !found.some(({ path }) => path === program))
      if (missing !== undefined) throw new AptError(`no package brings ${missing}`)
      return found
    })
  return { ok: true, layer: { key: `git-${gitKey(architecture, git)}`, entries } }
}
