import type { Address } from './login.ts'
import { type Ended, tooMuch } from './program.ts'

/** Whom a sentence about a failure is about. */
export type About = Address & { readonly url: string; readonly folder: string }

type Known = readonly [said: RegExp, sentence: (about: About, said: RegExpExecArray) => string]

/** What git and ssh say, and what that means for the person who set this up. The first that fits counts. */
const known: readonly Known[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Offending \S+ key in/u,
    ({ host }) =>
      `${host} shows another key than the one in the known hosts: either it has a new one, then put that there once you have compared it with what ${host} publishes, or somebody stands between`,
  ],
  [
    /Host key verification failed|No \S+ host key is known/u,
    ({ host, port }) =>
      `the known hosts have no key of ${host}; add what \`ssh-keyscan ${port === undefined ? '' : `-p ${port} `}${host}\` says, once you have compared it with what ${host} publishes`,
  ],
  [
    /Load key .*: (.*)/u,
    (_, [, why = '']) => `ssh cannot use the private key (${why.trim()}); it takes one without a passphrase, unchanged`,
  ],
  [
    /marked as read only|Write access to repository not granted|denied to deploy key/u,
    ({ url }) => `the key may read ${url} and not write it; allow write access for this deploy key`,
  ],
  [
    /Permission denied \(([^)]*)\)/u,
    ({ host }) => `${host} does not take the private key; add its public half there, with write access`,
  ],
  [
    /does not appear to be a git repository|[Rr]epository not found|Repository '.*' not found|no such repository/iu,
    ({ url }) => `there is no repository at ${url}, or this key may not see it; if it has moved, change the address`,
  ],
  [
    /No space left on device|Disk quota exceeded|write error: Disk full|unable to write .* file/u,
    ({ folder, host }) =>
      `a disk is full: of this machine below ${folder}, or of ${host}; make room there, nothing was changed`,
  ],
  [
    /Could not resolve hostname/u,
    ({ host }) => `nobody knows the address of ${host}; look at its name and at the network`,
  ],
  [
    /connect to host .* port (\d+): (.*)/u,
    ({ host }, [, port = '', why = '']) => `${host} cannot be reached at port ${port}: ${why.trim()}`,
  ],
  [
    /ssh cannot be started: (\w+)/u,
    (_, [, code = '']) => `the program ssh cannot be started (${code}); install Debian's openssh-client`,
  ],
  [
    /cannot (?:run|exec) '?([^':]+)'?: (Permission denied|No such file)/u,
    ({ folder }) => `nothing may be executed below ${folder}; set TMPDIR to a folder where programs may run`,
  ],
  [
    /(kex_exchange_identification|Connection (?:closed|reset)|banner exchange|Timeout, server|Broken pipe|the remote end hung up|Could not read from remote repository)/u,
    ({ host }) => `${host} broke off or did not answer as SSH does`,
  ],
]

/** Whether a push failed only since somebody else was quicker. */
export const wasOvertaken = ({ stderr }: Ended): boolean =>
  /\((?:fetch first|non-fast-forward|stale info)\)|cannot lock ref|failed to update ref/u.test(stderr)

/** What became of a git that did not end well, in a sentence. */
export const troubleOf = ({ code, stderr }: Ended, about: About): string => {
  if (code === 'ENOENT') return "there is no git here; install Debian's git"
  if (code === tooMuch) return `a file at ${about.url} is larger than any that this program writes; remove it there`
  for (const [pattern, sentence] of known) {
    const said = pattern.exec(stderr)
    if (said !== null) return sentence(about, said)
  }
  return `git ended with ${code}: ${lastWords(stderr)}`
}

const lastWords = (stderr: string): string => {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.find((line) => /^(fatal|error|remote: error):/u.test(line)) ?? lines.at(-1) ?? 'it said nothing'
}
