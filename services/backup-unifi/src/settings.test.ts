import { describe, expect, it } from 'vitest'
import { settingsOf } from './settings.ts'

const env = {
  GITHUB_BACKUP_GIT_CLONE_URL: 'git@github.com:me/backups.git',
  GITHUB_BACKUP_PRIVATE_KEY_PATH: '/key',
  GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH: '/hosts',
  GITHUB_BACKUP_AUTHOR_NAME: 'Me',
  GITHUB_BACKUP_AUTHOR_EMAIL: 'me@example.org',
}
const of = (args: readonly string[], more: Record<string, string> = {}) =>
  settingsOf({ args, env: { ...env, ...more } })
const refusal = (message: RegExp) => ({ ok: false, exit: 1, message: expect.stringMatching(message) as string })

describe('settings of backup-unifi', () => {
  it('are those of the original, and how old a backup may be', () => {
    const usual = {
      ok: true,
      folder: '/backups',
      remote: { url: 'git@github.com:me/backups.git', privateKeyPath: '/key', knownHostsPath: '/hosts' },
      author: { name: 'Me', email: 'me@example.org' },
      maxAgeDays: 35,
    }
    expect(of(['/backups'])).toEqual(usual)
    expect(of(['/backups'], { CLONE_PATH: '', UNIFI_BACKUP_MAX_AGE_DAYS: '' })).toEqual(usual)
    expect(of(['/backups'], { CLONE_PATH: '/tmp/clone', UNIFI_BACKUP_MAX_AGE_DAYS: '1.5' })).toEqual({
      ...usual,
      maxAgeDays: 1.5,
      place: '/tmp/clone',
    })
    expect(of(['/backups'], { UNIFI_BACKUP_MAX_AGE_DAYS: '0' })).toEqual({ ...usual, maxAgeDays: undefined })
  })

  it.each([
    ['no folder', [], {}, /^usage: backup-unifi FOLDER/u],
    ['an empty folder', [''], {}, /^usage: /u],
    ['two folders', ['a', 'b'], {}, /^usage: /u],
    ['no key', ['a'], { GITHUB_BACKUP_PRIVATE_KEY_PATH: '' }, /^GITHUB_BACKUP_PRIVATE_KEY_PATH is not set$/u],
    [
      'no author',
      ['a'],
      { GITHUB_BACKUP_AUTHOR_NAME: '', GITHUB_BACKUP_AUTHOR_EMAIL: '' },
      /_NAME, .*_EMAIL are not set$/u,
    ],
    ['an age that is a word', ['a'], { UNIFI_BACKUP_MAX_AGE_DAYS: 'a week' }, /"a week"; it must be a number of days/u],
    ['an age below none', ['a'], { UNIFI_BACKUP_MAX_AGE_DAYS: '-1' }, /"-1"; it must be/u],
  ])('refuse %s', (_, args, more, message) => {
    expect(of(args, more)).toEqual(refusal(message))
  })
})
