import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { house, simulated, textAt } from './house.testing.ts'
import { backupTodoist, backupUnifi } from './index.ts'

const repository = {
  remote: 'git@github.com:casa/backups.git',
  key: { secret: 'deploy-key' },
  knownHosts: { secret: 'known-hosts' },
  author: { name: 'Casa', email: 'casa@example.com' },
}

describe('the backup of Todoist', () => {
  const settingsOf = (written: object) => backupTodoist.settings.parse(written)

  it('gets its token, key and known hosts from the vault', () => {
    const settings = settingsOf({ ...repository, token: { secret: 'todoist' } })
    expect(backupTodoist.wire(settings, house)).toEqual({
      args: [],
      env: {
        GITHUB_BACKUP_AUTHOR_EMAIL: 'casa@example.com',
        GITHUB_BACKUP_AUTHOR_NAME: 'Casa',
        GITHUB_BACKUP_COMMIT_MESSAGE: 'backup',
        GITHUB_BACKUP_GIT_CLONE_URL: 'git@github.com:casa/backups.git',
        GITHUB_BACKUP_PRIVATE_KEY_PATH: '/etc/backup/key',
        SSH_KNOWN_HOSTS: '/etc/backup/known_hosts',
        TODOIST_BACKUP_FILENAME: 'backup.json',
        TODOIST_TOKEN: { secret: 'todoist' },
      },
      files: { '/etc/backup/key': { secret: 'deploy-key' }, '/etc/backup/known_hosts': { secret: 'known-hosts' } },
    })
    expect(backupTodoist.check?.(settings, house)).toEqual([])
    expect(backupTodoist.calls(settings)).toEqual([])
  })

  it('needs no secret where simulators stand in', () => {
    const { env, files } = backupTodoist.wire(settingsOf({ token: { secret: 'todoist' } }), simulated)
    expect(env).toMatchObject({
      GITHUB_BACKUP_GIT_CLONE_URL: 'ssh://git@git.test:2222/backups.git',
      TODOIST_BASE_URL: 'http://todo.test:8080',
      TODOIST_TOKEN: 'simulated',
    })
    expect(createPrivateKey(textAt(files, '/etc/backup/key')).asymmetricKeyType).toBe('ec')
    expect(textAt(files, '/etc/backup/known_hosts')).toMatch(/^\* ecdsa-sha2-nistp256 AAAA\S+\n$/u)
    expect(backupTodoist.check?.(settingsOf({}), simulated)).toEqual([])
  })

  it('says all that the real ones need', () => {
    const settings = settingsOf({})
    const said = backupTodoist.check?.(settings, house).map(({ message }) => message)
    expect(said).toEqual([
      'a backup is pushed to a git repository, and `remote` is missing',
      'a backup is pushed to a git repository, and `key` is missing',
      'a backup is pushed to a git repository, and `knownHosts` is missing',
      'an account of Todoist is read with its token, and `token` is missing',
    ])
    const { env, files } = backupTodoist.wire(settings, house)
    expect([env.TODOIST_TOKEN, files['/etc/backup/key']]).toEqual([undefined, undefined])
  })

  it.each([
    ['git@github.com:casa/backups.git', undefined],
    ['ssh://git@nas.casa.test:2222/backups.git', undefined],
    ['git@192.0.2.5:backups.git', { address: '192.0.2.5', port: 22 }],
    ['ssh://git@192.0.2.5/srv/backups.git', { address: '192.0.2.5', port: 22 }],
    ['ssh://192.0.2.5:2222/srv/backups.git', { address: '192.0.2.5', port: 2222 }],
    ['ssh://git@[2001:db8::5]:2222/backups.git', { address: '2001:db8::5', port: 2222 }],
  ])('calls Todoist and the repository at %s', (remote, at) => {
    expect(backupTodoist.clouds?.(settingsOf({ remote }))).toEqual([
      { kind: 'todoist' },
      { kind: 'git', ...(at && { at }) },
    ])
  })

  it.each([
    { remote: 'https://github.com/casa/backups.git' },
    { remote: 'git@github.com' },
    { token: 'secret' },
    { key: { secret: 'Key' } },
    { author: { name: 'Casa' } },
  ])('refuses %j', (written) => {
    expect(backupTodoist.settings.safeParse(written).success).toBe(false)
  })
})

describe('the backup of UniFi', () => {
  it('gets the folder of the node, and known hosts as text', () => {
    const settings = backupUnifi.settings.parse({ ...repository, knownHosts: 'github.com ssh-ed25519 AAAA' })
    expect(backupUnifi.wire(settings, house)).toEqual({
      args: ['/unifi'],
      env: {
        GITHUB_BACKUP_AUTHOR_EMAIL: 'casa@example.com',
        GITHUB_BACKUP_AUTHOR_NAME: 'Casa',
        GITHUB_BACKUP_GIT_CLONE_URL: 'git@github.com:casa/backups.git',
        GITHUB_BACKUP_PRIVATE_KEY_PATH: '/etc/backup/key',
        GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH: '/etc/backup/known_hosts',
        UNIFI_BACKUP_MAX_AGE_DAYS: '35',
      },
      files: { '/etc/backup/key': { secret: 'deploy-key' }, '/etc/backup/known_hosts': 'github.com ssh-ed25519 AAAA' },
    })
    expect(backupUnifi.host?.(settings)).toEqual({
      folders: { '/unifi': '/var/lib/unifi/backup/autobackup' },
      because: 'UniFi leaves its automatic backups there',
    })
    expect(backupUnifi.clouds?.(settings)).toEqual([{ kind: 'git' }])
    expect(backupUnifi.calls(settings)).toEqual([])
  })

  it('has a backup of any age where UniFi is simulated', () => {
    const { env, files } = backupUnifi.wire(backupUnifi.settings.parse({}), simulated)
    expect(env.UNIFI_BACKUP_MAX_AGE_DAYS).toBe('0')
    expect(textAt(files, '/unifi/simulated.unf')).not.toBe('')
  })
})
