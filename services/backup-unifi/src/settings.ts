import type { Outcome, Push, Start } from '@homeslice/service-kit'

/** What the job is started with. */
export type Settings = Pick<Push, 'remote' | 'author' | 'place'> & {
  readonly ok: true
  /** Where the network application leaves its backups. */
  readonly folder: string
  /** A newest backup that is older fails the job, in days; nothing where age does not matter. */
  readonly maxAgeDays: number | undefined
}

const usage = `usage: backup-unifi FOLDER
  FOLDER  where the UniFi network application leaves its automatic backups, such as /var/lib/unifi/backup/autobackup`

const names = {
  url: 'GITHUB_BACKUP_GIT_CLONE_URL',
  key: 'GITHUB_BACKUP_PRIVATE_KEY_PATH',
  hosts: 'GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH',
  name: 'GITHUB_BACKUP_AUTHOR_NAME',
  email: 'GITHUB_BACKUP_AUTHOR_EMAIL',
} as const

/** The controller makes a backup once a month where nobody has changed that. */
const usualMaxAgeDays = 35

/** Reads the folder, the GITHUB_BACKUP_ settings, CLONE_PATH (a folder for temporary files) and UNIFI_BACKUP_MAX_AGE_DAYS (35). */
export const settingsOf = ({ args, env }: Start): Settings | ({ readonly ok: false } & Outcome) => {
  const refuse = (message: string) => ({ ok: false, exit: 1, message }) as const
  const [folder, ...more] = args
  if (folder === undefined || folder === '' || more.length > 0) return refuse(usage)
  const of = (key: keyof typeof names): string => env[names[key]] ?? ''
  const missing = (Object.keys(names) as (keyof typeof names)[]).filter((key) => of(key) === '')
  if (missing.length > 0)
    return refuse(`${missing.map((key) => names[key]).join(', ')} ${missing.length === 1 ? 'is' : 'are'} not set`)
  const { CLONE_PATH: place = '', UNIFI_BACKUP_MAX_AGE_DAYS: days = '' } = env
  const maxAgeDays = days === '' ? usualMaxAgeDays : Number(days)
  if (Number.isNaN(maxAgeDays) || maxAgeDays < 0)
    return refuse(`UNIFI_BACKUP_MAX_AGE_DAYS is "${days}"; it must be a number of days, or 0 for any age`)
  return {
    ok: true,
    folder,
    remote: { url: of('url'), privateKeyPath: of('key'), knownHostsPath: of('hosts') },
    author: { name: of('name'), email: of('email') },
    maxAgeDays: maxAgeDays === 0 ? undefined : maxAgeDays,
    ...(place === '' ? {} : { place }),
  }
}
