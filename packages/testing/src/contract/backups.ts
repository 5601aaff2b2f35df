import type { StartRow } from './row.ts'

const git = {
  GITHUB_BACKUP_GIT_CLONE_URL: 'git@nowhere.invalid:backups.git',
  GITHUB_BACKUP_AUTHOR_NAME: 'a',
  GITHUB_BACKUP_AUTHOR_EMAIL: 'a@b',
  GITHUB_BACKUP_PRIVATE_KEY_PATH: '/nowhere/key',
}
const token = { TODOIST_TOKEN: 'x' }

/** How backup-todoist ends when it is started wrongly: all of it before anybody is asked. */
export const backupTodoistStarts: readonly StartRow[] = [
  { name: 'with another word', args: ['dump'], env: { ...token, ...git }, exit: 1, says: /^backup-todoist: usage: / },
  { name: 'to restore nothing', args: ['restore'], env: { ...token, ...git }, exit: 1, says: /usage: .*restore FILE/s },
  { name: 'to restore two', args: ['restore', 'a', 'b'], env: token, exit: 1, says: /usage: / },
  { name: 'without a token', args: [], env: git, exit: 2, says: /: TODOIST_TOKEN is not set/ },
  ...Object.keys(git).map((name) => ({
    name: `without ${name}`,
    args: [],
    env: { ...token, ...git, [name]: '' },
    exit: 2,
    says: new RegExp(`: ${name} is not set`, 'u'),
  })),
  {
    name: 'with a file outside of the repository',
    args: [],
    env: { ...token, ...git, TODOIST_BACKUP_FILENAME: '../x' },
    exit: 2,
    says: /TODOIST_BACKUP_FILENAME is "\.\.\/x"; it must be a path within/,
  },
  {
    name: 'with a base that is no URL',
    args: [],
    env: { ...token, ...git, TODOIST_BASE_URL: 'cloud' },
    exit: 2,
    says: /TODOIST_BASE_URL is "cloud", which is no URL/,
  },
  {
    name: 'with a level that is none',
    args: [],
    env: { ...token, ...git, LOG_LEVEL: 'x' },
    exit: 2,
    says: /LOG_LEVEL/,
  },
]

const unifi = { ...git, GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH: '/nowhere/known_hosts' }

/** How backup-unifi ends when it is started wrongly. */
export const backupUnifiStarts: readonly StartRow[] = [
  { name: 'without a folder', args: [], env: unifi, exit: 1, says: /^backup-unifi: usage: backup-unifi FOLDER/ },
  { name: 'with two folders', args: ['a', 'b'], env: unifi, exit: 1, says: /usage: / },
  ...Object.keys(unifi).map((name) => ({
    name: `without ${name}`,
    args: ['/nowhere'],
    env: { ...unifi, [name]: '' },
    exit: 1,
    says: new RegExp(`: ${name} is not set`, 'u'),
  })),
  {
    name: 'with an age that is none',
    args: ['/nowhere'],
    env: { ...unifi, UNIFI_BACKUP_MAX_AGE_DAYS: 'old' },
    exit: 1,
    says: /UNIFI_BACKUP_MAX_AGE_DAYS is "old"/,
  },
  {
    name: 'with a folder that is nowhere',
    args: ['/nowhere'],
    env: unifi,
    exit: 3,
    says: /\/nowhere cannot be read \(ENOENT\)/,
  },
]
