import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './lockfile.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeslice-lock-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const quiet = () => undefined

test('one waits for the other, and both get their result', async () => {
  const path = join(folder, 'work')
  const order: string[] = []
  const work = (name: string) => async () => {
    order.push(`${name} begins`)
    await sleep(30)
    order.push(`${name} ends`)
    return name
  }
  const both = await Promise.all([withLock(path, quiet, work('a')), withLock(path, quiet, work('b'))])
  expect(both).toEqual(['a', 'b'])
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('a failure gives the lock back', async () => {
  const path = join(folder, 'work')
  await expect(withLock(path, quiet, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withLock(path, quiet, async () => 'free')).toBe('free')
})

test('a holder that was killed holds nothing', async () => {
  const path = join(folder, 'work')
  const script = `import { withLock } from '${join(import.meta.dirname, 'lockfile.ts')}'
await withLock('${path}', () => {}, async () => { console.log('held'); await new Promise((r) => setTimeout(r, 60_000)) })`
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'pipe' })
  await new Promise((resolve) => holder.stdout.once('data', resolve))
  holder.kill('SIGKILL')
  await new Promise((resolve) => holder.once('exit', resolve))
  const waits: string[] = []
  expect(
    await withLock(
      path,
      ({ task }) => waits.push(task),
      async () => 'mine',
    ),
  ).toBe('mine')
  expect(waits).toEqual([])
})

test('a long wait is told', async () => {
  const path = join(folder, 'work')
  const waits: string[] = []
  const first = withLock(path, quiet, () => sleep(600))
  await sleep(100)
  await withLock(
    path,
    ({ task }) => waits.push(task),
    async () => undefined,
  )
  await first
  expect(waits).toEqual(['wait for another process'])
})
