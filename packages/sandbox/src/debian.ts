import { existsSync } from 'node:fs'
import { lastLines, run } from './command.ts'
import { findProgram } from './machine.ts'
import { failure, type Outcome, type Report } from './outcome.ts'

/** A Debian package, and what shows that it is there: a program by name, or a file by path. */
type Package = { readonly name: string; readonly shownBy: string }

const packages: readonly Package[] = [
  { name: 'iproute2', shownBy: 'ip' },
  { name: 'nftables', shownBy: 'nft' },
  { name: 'iptables', shownBy: 'iptables' },
  { name: 'ipset', shownBy: 'ipset' },
  { name: 'conntrack', shownBy: 'conntrack' },
  { name: 'slirp4netns', shownBy: 'slirp4netns' },
  { name: 'gcc', shownBy: 'cc' },
  { name: 'libc6-dev', shownBy: '/usr/include/stdlib.h' },
  { name: 'pkg-config', shownBy: 'pkg-config' },
  { name: 'libseccomp-dev', shownBy: '/usr/include/seccomp.h' },
]

/** The Debian packages that the sandbox needs and this machine does not have. */
export const missingPackages = (env: NodeJS.ProcessEnv = process.env): string[] =>
  packages.filter(({ shownBy }) => !isThere(shownBy, env)).map(({ name }) => name)

const isThere = (shownBy: string, env: NodeJS.ProcessEnv): boolean =>
  shownBy.startsWith('/') ? existsSync(shownBy) : findProgram(shownBy, env) !== undefined

/** The one command that installs packages. */
export const aptCommand = (names: readonly string[]): string =>
  `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`

/** Installs Debian packages, named before. Without root it fails with the command to run. */
export const installPackages = async (names: readonly string[], report: Report): Promise<Outcome> => {
  if (names.length === 0) return { ok: true }
  const detail = names.join(' ')
  const byHand = `run as root: ${aptCommand(names)}`
  if (findProgram('apt-get') === undefined) {
    return failure(
      `programs are missing that Debian has in the packages ${detail}`,
      'install what your system has instead',
    )
  }
  if (process.getuid?.() !== 0) return failure(`these Debian packages are missing: ${detail}`, byHand)
  const task = 'Debian packages'
  report({ task, state: 'start', detail })
  const done = await run(['sh', '-c', aptCommand(names)], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (done.code === 0) {
    report({ task, state: 'done', detail })
    return { ok: true }
  }
  report({ task, state: 'failed', detail: lastLines(done.stderr) })
  return failure(`installing ${detail} failed: ${lastLines(done.stderr)}`, byHand)
}
