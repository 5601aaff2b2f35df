import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { homeslice, run } from '@homeslice/testing'

let folder = ''
let disk = ''
const home =
  'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { clock: { use: clocktime } }\n'

beforeAll(async () => {
  folder = await mkdtemp('/tmp/disk-')
  disk = join(folder, 'small')
  await mkdir(disk)
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk])
  expect(mounted.code).toBe(0)
})
afterAll(async () => {
  await run('umount', ['-l', disk])
  await rm(folder, { recursive: true, force: true })
})

const fill = async (): Promise<void> => {
  await run('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=64k'])
}
const noStack = (text: string): void => expect(text).not.toMatch(/\n\s+at .*\.m?js:\d+/u)

describe('a disk of 16 MiB', () => {
  it('full, where the secrets lie: the old file stays as it was', async () => {
    const file = join(disk, 'home.yaml')
    const env = { HOMESLICE_IDENTITY: join(folder, 'identity.txt') }
    await writeFile(file, home)
    expect((await homeslice(['secrets', 'set', 'a', '--file', file], { env, input: 'first' })).code).toBe(0)
    const before = await readFile(join(disk, 'secrets.yaml'), 'utf8')
    await fill()
    const { code, stderr } = await homeslice(['secrets', 'set', 'a', '--file', file], {
      env,
      input: 'x'.repeat(200_000),
    })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot be written \(ENOSPC\)/u) as string])
    expect(await readFile(join(disk, 'secrets.yaml'), 'utf8')).toBe(before)
    const init = await homeslice(['init', '--file', join(disk, 'other.yaml')], { env })
    expect([init.code, init.stderr]).toEqual([1, expect.stringMatching(/cannot be written \(ENOSPC\)/u) as string])
    await rm(join(disk, 'filler'))
  })

  it('for the state: refused with what to do', async () => {
    const { code, stderr } = await homeslice(['sandbox', 'start'], { env: { HOMESLICE_STATE: join(disk, 'state') } })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/disk|space|room/iu) as string])
    noStack(stderr)
  })

  it('for the cache: refused with what to do, and nothing of it is trusted later', async () => {
    const { code, stderr } = await homeslice(['sandbox', 'start'], {
      env: { HOMESLICE_CACHE: join(disk, 'cache'), HOMESLICE_STATE: join(folder, 'state') },
    })
    expect([code, stderr]).toEqual([1, expect.stringMatching(/disk|space|room/iu) as string])
    noStack(stderr)
  })
})

describe('a port that is taken', () => {
  it('is left to its holder: the next free one is used and printed', async () => {
    const { createServer } = await import('node:http')
    const holder = createServer((_, response) => response.end('mine'))
    await new Promise<void>((resolve) => holder.once('error', () => resolve()).listen(8080, '127.0.0.1', resolve))
    const env = { HOMESLICE_STATE: join(folder, 'ports') }
    const { code, stdout } = await homeslice(['sandbox', 'start'], { env })
    await homeslice(['sandbox', 'destroy', '--yes'], { env })
    holder.close()
    expect([code, stdout]).toEqual([0, expect.stringMatching(/http:\/\/127\.0\.0\.1:(?!8080)\d+\//u) as string])
  })
})
