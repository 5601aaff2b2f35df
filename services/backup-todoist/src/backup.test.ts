import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type GitSimulator,
  simulatedKnownHost,
  startGit,
  startTodoist,
  type TodoistSimulator,
} from '@homeslice/simulators'
import { backup } from './backup.ts'
import type { Cloud } from './cloud.ts'
import type { Repository } from './settings.ts'

const host = '127.0.9.52'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-backup-'))
const path = (name: string): string => join(folder, name)
const cloud: Cloud = { baseUrl: `http://${host}:8080`, token: 'x', signal: new AbortController().signal, pauses: [] }
const repository: Repository = {
  remote: { url: `ssh://git@${host}:2222/backups.git`, privateKeyPath: path('key'), knownHostsPath: path('known') },
  author: { name: 'a', email: 'a@b' },
  message: 'backup',
  filename: 'todo/all.json',
}
let account: TodoistSimulator
let remote: GitSimulator
beforeAll(async () => {
  account = await startTodoist({ name: 'cloud', host })
  remote = await startGit({ name: 'remote', host })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path('key')])
  writeFileSync(path('known'), `${simulatedKnownHost}\n`)
})
afterAll(async () => {
  await account.stop()
  await remote.stop()
  rmSync(folder, { recursive: true })
})

const git = (args: readonly string[], input = ''): string =>
  execFileSync('git', ['-C', remote.repository, '-c', 'user.name=x', '-c', 'user.email=y', ...args], {
    input,
    encoding: 'utf8',
  }).trim()
/** Puts a file beside the backup, as somebody does by hand. */
const commit = (name: string, text: string): void => {
  const blob = git(['hash-object', '-w', '--stdin'], text)
  const others = git(['ls-tree', 'main:todo'])
    .split('\n')
    .filter((line) => !line.endsWith(`\t${name}`))
  const below = git(['mktree'], `${others.join('\n')}\n100644 blob ${blob}\t${name}\n`)
  const tree = git(['mktree'], `040000 tree ${below}\ttodo\n`)
  git(['update-ref', 'refs/heads/main', git(['commit-tree', tree, '-p', 'main', '-m', name])])
}
const pushed = (): { projects: { id: string }[] } =>
  JSON.parse(git(['show', 'main:todo/all.json'])) as { projects: { id: string }[] }

describe('a backup', { timeout: 120_000 }, () => {
  it('is pushed where it belongs, with facts for the log, and once', async () => {
    account.account.add('tasks', { content: 'one' })
    const facts = { projects: 1, tasks: 1 }
    expect(await backup(cloud, repository)).toEqual({
      exit: 0,
      message: 'pushed todo/all.json',
      facts: { ...facts, commit: git(['rev-parse', 'main']) },
    })
    expect(await backup(cloud, repository)).toEqual({
      exit: 0,
      message: 'nothing has changed since the last backup',
      facts,
    })
  })

  it('goes on with the ids that lie beside it, and with those of now where that file is damaged', async () => {
    const id = String(account.account.list('projects')[0]?.['id'])
    commit('all.json.ids.json', JSON.stringify({ [id]: 'as it was', other: 7 }))
    expect(await backup(cloud, repository)).toMatchObject({ exit: 0, message: 'pushed todo/all.json' })
    expect(pushed().projects).toEqual([{ id: 'as it was', name: 'Inbox' }])
    commit('all.json.ids.json', '{"half')
    expect(await backup(cloud, repository)).toMatchObject({ exit: 0, message: 'pushed todo/all.json' })
    expect(pushed().projects).toEqual([{ id, name: 'Inbox' }])
  })

  it('fails with what the cloud says, or the server, and pushes nothing', async () => {
    const before = git(['rev-parse', 'main'])
    account.account.add('tasks', { content: 'two' })
    await remote.setFault('error')
    expect(await backup(cloud, repository)).toEqual({
      exit: 2,
      message: expect.stringMatching(/does not take the private key/u) as string,
    })
    await account.setFault('gone')
    expect(await backup(cloud, repository)).toEqual({
      exit: 2,
      message: expect.stringMatching(/^Todoist answered 410/u) as string,
    })
    expect(git(['rev-parse', 'main'])).toBe(before)
  })
})
