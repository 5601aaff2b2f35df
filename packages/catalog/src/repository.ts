import { isIP } from 'node:net'
import { z } from 'zod'
import type { Cloud } from './cloud.ts'
import type { Complaint, House, Secret, Wiring } from './entry.ts'
import { madeUpKey } from './made-up.ts'
import { secretNamed } from './secret.ts'

/** `ssh://[user@]host[:port]/path` or `[user@]host:path`. */
const address =
  /^(?:ssh:\/\/(?:[^@/\s]+@)?(?<host>\[[\da-f:]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?\/\S+|(?:[^@/\s]+@)?(?<short>[\w.-]+):(?!\/\/)\S+)$/u

/** Settings of whoever pushes to a git repository over SSH. */
export const repositorySettings = {
  remote: z
    .string()
    .regex(address, 'must be a repository over SSH, such as git@github.com:you/backups.git')
    .optional()
    .describe('The repository to push to, over SSH, such as git@github.com:you/backups.git.'),
  key: secretNamed('The secret with the private key that may push there (a deploy key).').optional(),
  knownHosts: z
    .union([z.string().min(1), secretNamed('The secret with them.')], 'must be text, or { secret: name }')
    .optional()
    .describe('What `ssh-keyscan` says of its host, once compared with what the host publishes: text, or a secret.'),
  author: z
    .strictObject({
      name: z.string().min(1).describe('A name.'),
      email: z.string().min(1).describe('An e-mail address.'),
    })
    .default({ name: 'Homeslice', email: 'homeslice@localhost' })
    .describe('Who commits.'),
}

/** Those settings, read. */
export type Repository = {
  readonly remote?: string | undefined
  readonly key?: Secret | undefined
  readonly knownHosts?: string | Secret | undefined
  readonly author: { readonly name: string; readonly email: string }
}

/** The cloud that it is: somewhere on the internet, or a server at an address of its own. */
export const cloudOf = ({ remote = '' }: Repository): Cloud => {
  const { host, port, short } = address.exec(remote)?.groups ?? {}
  const found = (host ?? short ?? '').replaceAll(/[[\]]/gu, '')
  return isIP(found) === 0 ? { kind: 'git' } : { kind: 'git', at: { address: found, port: Number(port ?? 22) } }
}

/** What a real repository needs. */
export const missingFor = (repository: Repository, { simulate }: House): Complaint[] => {
  if (simulate) return []
  const needed = {
    remote: 'remote: git@github.com:you/backups.git',
    key: 'key: { secret: name }',
    knownHosts: 'knownHosts: { secret: name }',
  } as const
  return (['remote', 'key', 'knownHosts'] as const)
    .filter((name) => repository[name] === undefined)
    .map((name) => ({
      path: [],
      message: `a backup is pushed to a git repository, and \`${name}\` is missing`,
      fix: `add ${needed[name]}, or simulate: true beside settings`,
    }))
}

const keyPath = '/etc/backup/key'
const knownHostsPath = '/etc/backup/known_hosts'

/** The one host key of every simulated git server, which is known to everybody. */
const simulatedKnownHost =
  '* ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBDBS7MXNYLcLKaX3DcO/rmEXtHQvv93zw6kdayhHLl2paEb35Xs712sDJv0FN+lAwhEwF7EkHkstnIg8km/IPAY='

/** The environment and the files of a push; `knownHosts` names the variable with the path of those. */
export const wirePush = (
  { remote = '', key, knownHosts = '', author }: Repository,
  { clouds }: House,
  knownHostsName: string,
): Pick<Wiring, 'env' | 'files'> => ({
  env: {
    GITHUB_BACKUP_AUTHOR_EMAIL: author.email,
    GITHUB_BACKUP_AUTHOR_NAME: author.name,
    GITHUB_BACKUP_GIT_CLONE_URL: clouds.git === undefined ? remote : `${clouds.git}/backups.git`,
    GITHUB_BACKUP_PRIVATE_KEY_PATH: keyPath,
    [knownHostsName]: knownHostsPath,
  },
  files:
    clouds.git === undefined
      ? { ...(key && { [keyPath]: key }), [knownHostsPath]: knownHosts }
      : {
          [keyPath]: String(madeUpKey('git').export({ type: 'sec1', format: 'pem' })),
          [knownHostsPath]: `${simulatedKnownHost}\n`,
        },
})
