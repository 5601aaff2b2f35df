import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type GitSimulator,
  simulatedKnownHost,
  simulatedRepository,
  startGit,
  startTodoist,
  type TodoistSimulator,
} from '@homeslice/simulators'
import { bundled, type Ended, run, start, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { fillMany, sdkOf, seen } from './filled.testing.ts'

const cloudHost = '127.0.9.47'
const otherHost = '127.0.9.48'
const gitHost = '127.0.9.49'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-backup-todoist-'))
const path = (name: string): string => join(folder, name)
const url = `ssh://git@${gitHost}:2222/${simulatedRepository}`
let bundle = ''
let cloud: TodoistSimulator
let remote: GitSimulator
beforeAll(async () => {
  mkdirSync(path('tmp'))
  bundle = await bundled('services/backup-todoist/src/main.ts', folder)
  cloud = await startTodoist({ name: 'cloud', host: cloudHost })
  remote = await startGit({ name: 'remote', host: gitHost })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('key')])
  writeFileSync(path('known'), `${simulatedKnownHost}\n`)
  writeFileSync(path('nobody'), '')
}, 60_000)
afterAll(async () => {
  expect(readdirSync(path('tmp'))).toEqual([])
  await cloud.stop()
  await remote.stop()
  rmSync(folder, { recursive: true })
})

const env = {
  TMPDIR: path('tmp'),
  TODOIST_TOKEN: 'secret-token',
  TODOIST_BASE_URL: `http://${cloudHost}:8080`,
  GITHUB_BACKUP_GIT_CLONE_URL: url,
  GITHUB_BACKUP_PRIVATE_KEY_PATH: path('key'),
  GITHUB_BACKUP_AUTHOR_NAME: 'A Person',
  GITHUB_BACKUP_AUTHOR_EMAIL: 'a@example.org',
  SSH_KNOWN_HOSTS: path('known'),
}
const backup = (more: Record<string, string> = {}, ...args: string[]): Promise<Ended> =>
  run(process.execPath, [bundle, ...args], { env: { ...env, ...more } })
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', remote.repository, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 })
const well = (message: string) => ({
  code: 0,
  stderr: '',
  stdout: expect.stringContaining(`"msg":"${message}"`) as string,
})

describe('backup-todoist as it ships', { timeout: 300_000 }, () => {
  it('pushes an account of 5,000 tasks, says so when nothing has changed, and pushes what has', async () => {
    fillMany(cloud, 5000)
    expect(await backup()).toEqual({ signal: null, ...well('pushed backup.json') })
    const text = git('show', 'main:backup.json')
    const { projects, active_tasks: tasks } = JSON.parse(text) as { projects: object[]; active_tasks: object[] }
    expect([projects.length, tasks.length, new Set(tasks.map((task) => JSON.stringify(task))).size]).toEqual([
      2, 5000, 5000,
    ])
    expect(git('log', '-1', '--format=%an <%ae> %s', 'main')).toBe('A Person <a@example.org> backup\n')
    expect(await backup()).toMatchObject(well('nothing has changed since the last backup'))
    cloud.account.add('tasks', { content: 'one more' })
    expect(await backup({ GITHUB_BACKUP_COMMIT_MESSAGE: 'more' })).toMatchObject(well('pushed backup.json'))
    expect(git('log', '--format=%s', 'main')).toBe('more\nbackup\n')
  })

  it('rebuilds them in another account, killed at any time, and the next backup of that one changes nothing', async () => {
    writeFileSync(path('backup.json'), git('show', 'main:backup.json'))
    const other = await startTodoist({ name: 'other', host: otherHost })
    onTestFinished(other.stop)
    const there = { TODOIST_BASE_URL: `http://${otherHost}:8080` }
    // The first dies as it reads the account, the others within the 51 calls that make: each has more to read first.
    for (const calls of [3, 12, 26]) {
      const restoring = start(process.execPath, [bundle, 'restore', path('backup.json')], { env: { ...env, ...there } })
      const before = other.state().calls
      while (other.state().calls < before + calls && restoring.child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 1))
      restoring.child.kill('SIGKILL')
      await restoring.ended
    }
    const made = other.account.list('tasks').length
    expect([made > 0, made < 5001]).toEqual([true, true])
    expect(await backup(there, 'restore', path('backup.json'))).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/"msg":"restored .*backup\.json, and read back the same; commit /u) as string,
    })
    expect(other.account.list('tasks')).toHaveLength(5001)
    expect(await seen(sdkOf(otherHost))).toEqual(await seen(sdkOf(cloudHost)))
    // What the program asks people to do: the ids go beside the backup.
    const clone = path('by-hand')
    execFileSync('git', ['clone', '-q', remote.repository, clone])
    copyFileSync(path('backup.json.ids.json'), join(clone, 'backup.json.ids.json'))
    const byHand = (...args: string[]) =>
      execFileSync('git', ['-C', clone, '-c', 'user.name=x', '-c', 'user.email=y', ...args])
    byHand('add', '.')
    byHand('commit', '-qm', 'ids')
    byHand('push', '-q')
    expect(await backup(there)).toMatchObject(well('nothing has changed since the last backup'))
    expect(git('show', 'main:backup.json')).toBe(readFileSync(path('backup.json'), 'utf8'))
  })

  it.each(contract.backupTodoistStarts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})

type Bad = {
  readonly cloud?: Parameters<TodoistSimulator['setFault']>[0]
  readonly git?: Parameters<GitSimulator['setFault']>[0]
  readonly env?: Record<string, string>
  readonly says: RegExp
}

const badDays: readonly (readonly [string, Bad])[] = [
  ['the API closed', { cloud: 'gone', says: /^backup-todoist: Todoist answered 410: this way of asking is closed/u }],
  ['the token refused', { cloud: 'unauthorised', says: /Todoist answered 401: it does not take the token/u }],
  ['too many calls', { cloud: 'limited', says: /Todoist answered 429: it has been asked too often/u }],
  ['a cloud in trouble', { cloud: 'error', says: /Todoist answered 500: it is in trouble/u }],
  ['a cloud that is away', { cloud: 'refuse', says: /Todoist cannot be reached at http:.*: ECONNREFUSED/u }],
  ['a sign-in page', { cloud: 'garbage', says: /Todoist answered 200 with what is no JSON/u }],
  [
    'a moved repository',
    {
      env: { GITHUB_BACKUP_GIT_CLONE_URL: url.replace('backups', 'moved') },
      says: /there is no repository at .*moved/u,
    },
  ],
  [
    'a missing key',
    { env: { GITHUB_BACKUP_PRIVATE_KEY_PATH: '/nowhere' }, says: /the private key cannot be read from \/nowhere/u },
  ],
  [
    'an unknown host key',
    { env: { SSH_KNOWN_HOSTS: path('nobody') }, says: /the known hosts have no key of 127\.0\.9\.49/u },
  ],
  ['a key that is not taken', { git: 'error', says: /127\.0\.9\.49 does not take the private key/u }],
  ['a key that may only read', { git: 'stuck', says: /the key may read .* and not write it/u }],
  [
    'a server that is away',
    { git: 'refuse', says: /127\.0\.9\.49 cannot be reached at port 2222: Connection refused/u },
  ],
]

describe('a bad day of backup-todoist', { timeout: 120_000 }, () => {
  it.each(badDays)('ends in a sentence and 2: %s', async (_, bad) => {
    await cloud.setFault(bad.cloud ?? 'none')
    await remote.setFault(bad.git ?? 'none')
    cloud.account.add('tasks', { content: 'something new' })
    const ended = await backup(bad.env)
    await cloud.setFault('none')
    await remote.setFault('none')
    expect(ended).toEqual({ code: 2, signal: null, stdout: '', stderr: expect.stringMatching(bad.says) as string })
    expect(ended.stderr).not.toContain('secret-token')
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('ends in a sentence and 2 where the disk is full, and says what to do', async () => {
    const script = 'mount -t tmpfs -o size=64k none "$TMPDIR" && exec "$0" "$@"'
    const rights = process.getuid?.() === 0 ? [] : ['--map-root-user']
    const ended = await run('unshare', [...rights, '--mount', 'sh', '-c', script, process.execPath, bundle], { env })
    expect(ended).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: expect.stringMatching(
        /^backup-todoist: (the|a) disk .*below .*tmp.* is full|^backup-todoist: a disk is full/u,
      ) as string,
    })
  })

  it('ends in a sentence when it is told to end, with nothing left behind', async () => {
    await cloud.setFault('silent')
    const running = start(process.execPath, [bundle], { env })
    const before = cloud.state().calls
    await expect.poll(() => cloud.state().calls, { timeout: 30_000 }).toBeGreaterThan(before)
    running.child.kill('SIGTERM')
    const ended = await running.ended
    await cloud.setFault('none')
    expect([ended.code, ended.stderr]).toEqual([2, 'backup-todoist: told to end by SIGTERM\n'])
  })
})
