import { isAbsolute, normalize } from 'node:path'
import type { Outcome, Push, Start } from '@homeslice/service-kit'
import type { Cloud } from './cloud.ts'

/** Where a backup goes. */
export type Repository = Pick<Push, 'remote' | 'author' | 'message'> & {
  /** The path of the backup in the repository. */
  readonly filename: string
}

type Of<Settings> = ({ readonly ok: true } & Settings) | ({ readonly ok: false } & Outcome)

const refuse = (message: string) => ({ ok: false, exit: 2, message }) as const

/** Reads TODOIST_TOKEN (required) and TODOIST_BASE_URL (Todoist's own). */
export const cloudOf = (env: Start['env']): Of<Pick<Cloud, 'baseUrl' | 'token'>> => {
  const token = env.TODOIST_TOKEN ?? ''
  const baseUrl = given(env.TODOIST_BASE_URL, 'https://api.todoist.com')
  if (token === '') return refuse('TODOIST_TOKEN is not set; it is made under Settings > Integrations > Developer')
  // It becomes a header, and the error of one that cannot would hold the token itself.
  if (!/^[\u0021-\u007E]+$/u.test(token))
    return refuse('TODOIST_TOKEN holds what no token holds, such as a space or a line end')
  if (!/^https?:$/u.test(URL.parse(baseUrl)?.protocol ?? ''))
    return refuse(`TODOIST_BASE_URL is "${baseUrl}", which is no URL; write it like https://api.todoist.com`)
  return { ok: true, token, baseUrl }
}

const names = {
  url: 'GITHUB_BACKUP_GIT_CLONE_URL',
  key: 'GITHUB_BACKUP_PRIVATE_KEY_PATH',
  name: 'GITHUB_BACKUP_AUTHOR_NAME',
  email: 'GITHUB_BACKUP_AUTHOR_EMAIL',
} as const

/** Reads the GITHUB_BACKUP_ settings, TODOIST_BACKUP_FILENAME (backup.json) and SSH_KNOWN_HOSTS (the user's own). */
export const repositoryOf = (env: Start['env']): Of<Repository> => {
  const missing = Object.values(names).filter((name) => given(env[name], '') === '')
  if (missing.length > 0) return refuse(`${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set`)
  const filename = given(env.TODOIST_BACKUP_FILENAME, 'backup.json')
  if (!isInside(filename)) {
    return refuse(
      `TODOIST_BACKUP_FILENAME is "${filename}"; it must be a path within the repository, such as backup.json`,
    )
  }
  const of = (key: keyof typeof names): string => given(env[names[key]], '')
  return {
    ok: true,
    remote: { url: of('url'), privateKeyPath: of('key'), knownHostsPath: given(env.SSH_KNOWN_HOSTS, '') || undefined },
    author: { name: of('name'), email: of('email') },
    message: given(env.GITHUB_BACKUP_COMMIT_MESSAGE, 'backup'),
    filename,
  }
}

const given = (value: string | undefined, otherwise: string): string =>
  value === undefined || value === '' ? otherwise : value

/** git keeps its own things in `.git`, and writes nothing beside the repository. */
const isInside = (path: string): boolean =>
  !isAbsolute(path) && normalize(path) === path && !path.endsWith('/') && !/^(\.\.|\.git)(\/|$)|^\.$|\0/iu.test(path)
