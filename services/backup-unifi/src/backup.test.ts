import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type GitSimulator, simulatedKnownHost, simulatedRepository, startGit } from '@homeslice/simulators'
import { bundled, run, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { backup } from './backup.ts'

const host = '127.0.9.50'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-backup-unifi-'))
const path = (name: string): string => join(folder, name)
const url = `ssh://git@${host}:2222/${simulatedRepository}`
let remote: GitSimulator
beforeAll(async () => {
  for (const name of ['tmp', 'backups', 'none']) mkdirSync(path(name))
  remote = await startGit({ name: 'remote', host })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('key')])
  writeFileSync(path('known'), `${simulatedKnownHost}\n`)
})
afterAll(async () => {
  expect(readdirSync(path('tmp'))).toEqual([])
  await remote.stop()
  rmSync(folder, { recursive: true })
})

const day = 86_400_000
const put = (name: string, daysAgo = 0): void => {
  writeFileSync(path(`backups/${name}`), name)
  const at = new Date(Date.now() - daysAgo * day)
  utimesSync(path(`backups/${name}`), at, at)
}
const git = (...args: string[]): string => execFileSync('git', ['-C', remote.repository, ...args], { encoding: 'utf8' })
const settings = {
  folder: path('backups'),
  remote: { url, privateKeyPath: path('key'), knownHostsPath: path('known') },
  author: { name: 'O"Person; $(id)', email: 'a@b' },
  place: path('tmp/clone'),
  maxAgeDays: 7,
}
const at = (now: Date = new Date()) => ({ signal: new AbortController().signal, now })

describe('the newest backup of a network', { timeout: 120_000 }, () => {
  it('is pushed under its own name, with the local time as its message, and once', async () => {
    put('autobackup "1" $(id).unf')
    vi.stubEnv('TZ', 'Asia/Tokyo')
    const now = new Date()
    const first = await backup(settings, at(now))
    expect(first).toMatchObject({
      exit: 0,
      message: 'pushed autobackup "1" $(id).unf',
      facts: { bytes: 24, ageDays: 0 },
    })
    const [said, author] = git('log', '-1', '--format=%s%n%an', 'main').split('\n')
    const words = new Intl.DateTimeFormat('sv', {
      timeZone: 'Asia/Tokyo',
      dateStyle: 'short',
      timeStyle: 'medium',
    }).format(now)
    vi.unstubAllEnvs()
    expect([said, author]).toEqual([words.replaceAll(/\D/gu, ''), 'O"Person; $(id)'])
    expect(git('show', 'main:autobackup "1" $(id).unf')).toBe('autobackup "1" $(id).unf')
    expect(await backup(settings, at())).toMatchObject({
      exit: 0,
      message: 'Nothing to do: autobackup "1" $(id).unf is in the repository already',
    })
    expect(git('rev-list', '--count', 'main')).toBe('1\n')
  })

  it('that is too old is pushed, and fails the job every day', async () => {
    rmSync(path('backups'), { recursive: true })
    mkdirSync(path('backups'))
    put('old.unf', 8.5)
    const old = (start: string) => ({
      exit: 4,
      message: expect.stringMatching(
        new RegExp(`^${start}.*, but it is the newest and 8 days old, of .*Z; see under`, 'u'),
      ) as string,
    })
    expect(await backup(settings, at())).toEqual(old('pushed old'))
    expect(await backup(settings, at())).toEqual(old('Nothing to do: old'))
    expect(await backup({ ...settings, maxAgeDays: undefined }, at())).toMatchObject({ exit: 0 })
    expect(git('show', 'main:old.unf')).toBe('old.unf')
  })

  it('that is not there is exit 3', async () => {
    expect(await backup({ ...settings, folder: path('none') }, at())).toEqual({
      exit: 3,
      message: expect.stringMatching(/^no backup found in /u) as string,
    })
  })
})

describe('backup-unifi as it ships', { timeout: 120_000 }, () => {
  let bundle = ''
  beforeAll(async () => {
    bundle = await bundled('services/backup-unifi/src/main.ts', folder)
  })
  const env = {
    TMPDIR: path('tmp'),
    CLONE_PATH: path('tmp/clone'),
    GITHUB_BACKUP_GIT_CLONE_URL: url,
    GITHUB_BACKUP_PRIVATE_KEY_PATH: path('key'),
    GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH: path('known'),
    GITHUB_BACKUP_AUTHOR_NAME: 'a',
    GITHUB_BACKUP_AUTHOR_EMAIL: 'a@b',
  }
  const start = (more: Record<string, string> = {}) =>
    run(process.execPath, [bundle, path('backups')], { env: { ...env, ...more } })

  it('pushes, says when there is nothing to do, and fails where the newest is too old', async () => {
    put('shipped.unf', 2)
    expect(await start()).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('pushed shipped.unf') as string,
    })
    expect(await start()).toMatchObject({ code: 0, stdout: expect.stringContaining('"msg":"Nothing to do') as string })
    const old = await start({ UNIFI_BACKUP_MAX_AGE_DAYS: '1' })
    expect([old.code, old.stderr]).toEqual([
      4,
      expect.stringMatching(/^backup-unifi: .*is the newest and 2 days old/u) as string,
    ])
  })

  it.each<[string, Record<string, string>, Parameters<GitSimulator['setFault']>[0], RegExp]>([
    [
      'a moved repository',
      { GITHUB_BACKUP_GIT_CLONE_URL: url.replace('backups', 'moved') },
      'none',
      /there is no repository at/u,
    ],
    ['a missing key', { GITHUB_BACKUP_PRIVATE_KEY_PATH: '/nowhere' }, 'none', /the private key cannot be read/u],
    ['an unknown host', { GITHUB_BACKUP_SSH_KNOWN_HOSTS_PATH: '/dev/null' }, 'none', /have no key of 127\.0\.9\.50/u],
    ['a key that is not taken', {}, 'error', /does not take the private key/u],
    ['a server that breaks off', {}, 'vanish', /broke off or did not answer as SSH does/u],
  ])('ends in a sentence and 1 on a bad day: %s', async (_, more, fault, says) => {
    await remote.setFault(fault)
    const ended = await start(more)
    await remote.setFault('none')
    expect(ended).toEqual({ code: 1, signal: null, stdout: '', stderr: expect.stringMatching(says) as string })
  })

  it.each(contract.backupUnifiStarts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
