import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLog } from '@homeslice/service-kit'
import { startTodoist, type TodoistSimulator } from '@homeslice/simulators'
import { withIds } from './account.ts'
import type { Cloud } from './cloud.ts'
import { accountOf, textOf } from './dump.ts'
import { fill, fillMany, sdkOf, seen } from './filled.testing.ts'
import { mended } from './match.ts'
import { readAccount } from './read.ts'
import { idsFile, restore } from './restore.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-restore-'))
const file = join(folder, 'backup.json')
const log = createLog('backup-todoist', 'error')
const cloudAt = (host: string): Cloud => ({
  baseUrl: `http://${host}:8080`,
  token: 'x',
  signal: new AbortController().signal,
  pauses: [],
})
const dump = async (host: string, ids: ReadonlyMap<string, string> = new Map()): Promise<string> => {
  const read = await readAccount(cloudAt(host))
  return read.ok ? textOf(withIds(read.value, ids)) : read.message
}
const idsBeside = (path: string): ReadonlyMap<string, string> =>
  new Map(Object.entries(JSON.parse(readFileSync(idsFile(path), 'utf8')) as Record<string, string>))

const first = '127.0.9.44'
const second = '127.0.9.45'
let original: TodoistSimulator
beforeAll(async () => {
  original = await startTodoist({ name: 'first', host: first })
  await fill(sdkOf(first))
  writeFileSync(file, await dump(first))
})
afterAll(async () => {
  await original.stop()
  rmSync(folder, { recursive: true })
})

let accounts = 0
const emptyAccount = async (): Promise<TodoistSimulator> => {
  const simulator = await startTodoist({ name: `second ${(accounts += 1)}`, host: second })
  onTestFinished(simulator.stop)
  return simulator
}
const failing = (says: RegExp) => ({ exit: 2, message: expect.stringMatching(says) as string })

describe('an account that was restored', { timeout: 60_000 }, () => {
  it("is what it was, as Doist's own client reads it, and its backup is the same to the byte", async () => {
    await emptyAccount()
    const ended = await restore(cloudAt(second), file, log)
    expect(ended).toEqual({
      exit: 0,
      message: expect.stringMatching(
        /^restored .*, and read back the same; commit .*\.ids\.json beside the backup/u,
      ) as string,
      facts: { labels: 2, projects: 5, sections: 2, tasks: 10, comments: 4 },
    })
    expect(await seen(sdkOf(second))).toEqual(await seen(sdkOf(first)))
    expect(await dump(second)).not.toBe(readFileSync(file, 'utf8'))
    expect(await dump(second, idsBeside(file))).toBe(readFileSync(file, 'utf8'))
  })

  it('is not made twice', async () => {
    const { account, state } = await emptyAccount()
    await restore(cloudAt(second), file, log)
    const before = [account.list('tasks').length, account.list('comments').length]
    const calls = state().calls
    expect(await restore(cloudAt(second), file, log)).toMatchObject({ exit: 0 })
    expect([account.list('tasks').length, account.list('comments').length]).toEqual(before)
    expect(state().calls - calls).toBe(10)
  })

  it('goes on where an answer was lost, though what was asked had been done', async () => {
    const simulator = await emptyAccount()
    const many = join(folder, 'many.json')
    const big = await startTodoist({ name: 'many', host: '127.0.9.46' })
    fillMany(big, 250)
    writeFileSync(many, await dump('127.0.9.46'))
    await big.stop()
    let calls = 0
    const losing = new Proxy(cloudAt(second), {
      // Asked for with every call: the seventh is the second batch.
      get: (cloud, key) => {
        if (key === 'token' && (calls += 1) === 7) void simulator.setFault('vanish')
        return cloud[key as keyof Cloud]
      },
    })
    expect(await restore(losing, many, log)).toEqual(
      failing(/cannot be reached at .*; run this again, it goes on from there$/u),
    )
    expect(simulator.account.list('tasks').length).toBeGreaterThan(100)
    await simulator.setFault('none')
    expect(await restore(cloudAt(second), many, log)).toMatchObject({ exit: 0 })
    expect(simulator.account.list('tasks')).toHaveLength(250)
    expect(await dump(second, idsBeside(many))).toBe(readFileSync(many, 'utf8'))
  })
})

describe('what keeps an account from being restored is told in a sentence', { timeout: 60_000 }, () => {
  it('something that is there and not of the backup, before anything is made', async () => {
    const { account } = await emptyAccount()
    account.add('tasks', { content: `mine ${'and mine '.repeat(20)}` })
    expect(await restore(cloudAt(second), file, log)).toEqual(
      failing(
        /^the account holds "mine and mine .*\.\.\." under tasks, which .*; restore into an account that is empty/u,
      ),
    )
    expect(account.list('projects')).toHaveLength(1)
  })

  it('a cloud that says yes and does nothing', async () => {
    const simulator = await emptyAccount()
    await simulator.setFault('stuck')
    expect(await restore(cloudAt(second), file, log)).toEqual(
      failing(/^everything was made, and "soon" under labels is not there as it should be$/u),
    )
  })

  it('a thing that the cloud does not take', async () => {
    await emptyAccount()
    const path = join(folder, 'empty-task.json')
    writeFileSync(path, readFileSync(file, 'utf8').replaceAll('"content":"Roses"', '"content":""'))
    expect(await restore(cloudAt(second), path, log)).toEqual(
      failing(/^Todoist does not make "" under tasks: content is missing; run this again/u),
    )
  })

  it.each([
    ['no file', undefined, /^the backup cannot be read from .* \(ENOENT\)$/u],
    ['half a file', '{"projects":[', /is no JSON; take it whole from the repository/u],
  ])('%s', async (_, text, says) => {
    const path = join(folder, 'bad.json')
    if (text !== undefined) writeFileSync(path, text)
    expect(await restore(cloudAt(second), path, log)).toEqual(failing(says))
  })

  it.each([
    ['before', 'error', 'none', /^Todoist answered 500/u],
    ['nor afterwards', 'none', 'error', /^everything was made, and could not be read back: Todoist answered 500/u],
  ] as const)('a cloud that cannot be read %s', async (_, before, after, says) => {
    const simulator = await emptyAccount()
    await simulator.setFault(before)
    let calls = 0
    const cloud = new Proxy(cloudAt(second), {
      get: (target, key) => {
        if (key === 'token' && (calls += 1) === 7) void simulator.setFault(after)
        return target[key as keyof Cloud]
      },
    })
    expect(await restore(cloud, file, log)).toEqual(failing(says))
  })

  it('ids that cannot be kept, though all is well', async () => {
    await emptyAccount()
    const path = join(folder, 'closed.json')
    writeFileSync(path, readFileSync(file))
    rmSync(idsFile(path), { force: true, recursive: true })
    const { mkdirSync } = await import('node:fs')
    mkdirSync(idsFile(path))
    expect(await restore(cloudAt(second), path, log)).toMatchObject({
      exit: 0,
      message: expect.stringMatching(/read back the same; its new ids could not be written: EISDIR/u) as string,
    })
  })
})

describe('a backup that does not hang together', () => {
  it('is mended where it can be, and what was moved is named', async () => {
    const { account } = await emptyAccount()
    const text = readFileSync(file, 'utf8')
    const read = accountOf(text, file)
    if (!read.ok) throw new Error(read.message)
    const [task, ...tasks] = read.account.tasks
    const [section, ...sections] = read.account.sections
    const odd = {
      ...read.account,
      tasks: [
        { ...task!, id: 'a', parent_id: 'b' },
        { ...task!, id: 'b', parent_id: 'a' },
        { ...task!, project_id: 'gone' },
        ...tasks,
      ],
      sections: [{ ...section!, project_id: 'gone' }, ...sections],
      comments: [...read.account.comments, { ...read.account.comments[0]!, id: 'c', task_id: 'gone', project_id: '' }],
    }
    const { moved } = mended(odd)
    expect(moved.filter((sentence) => sentence.endsWith('hung from itself'))).toHaveLength(2)
    expect(moved.filter((sentence) => sentence.includes('(projects gone)')).length).toBe(2)
    const path = join(folder, 'odd.json')
    writeFileSync(path, textOf(odd))
    expect(await restore(cloudAt(second), path, log)).toMatchObject({ exit: 0 })
    expect(account.list('tasks')).toHaveLength(odd.tasks.length)
    expect(account.list('comments')).toHaveLength(4)
  })
})
