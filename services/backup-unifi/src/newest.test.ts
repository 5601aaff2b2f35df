import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { newestIn } from './newest.ts'

const root = mkdtempSync(join(tmpdir(), 'homeslice-newest-'))
afterAll(() => rmSync(root, { recursive: true }))
let folder = ''
let count = 0
beforeEach(() => {
  folder = join(root, String((count += 1)))
  mkdirSync(folder)
})
const put = (name: string, seconds: number, text = 'backup'): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  utimesSync(path, seconds, seconds)
  return path
}
const newest = async (): Promise<string> => {
  const found = await newestIn(folder)
  return found.ok ? found.backup.name : found.message
}

describe('the newest backup', () => {
  it('is the one that was written last, whoever touched the rights of an older one', async () => {
    const old = put('old.unf', 1000)
    put('new.unf', 2000)
    chmodSync(old, 0o600)
    expect(await newest()).toBe('new.unf')
    expect(await newestIn(folder)).toMatchObject({
      backup: { bytes: 6, madeAt: new Date(2_000_000), path: join(folder, 'new.unf') },
    })
  })

  it('of two at one time is the one whose name comes last', async () => {
    put('autobackup_8.0_20260102.unf', 1000)
    put('autobackup_8.0_20260103.unf', 1000)
    put('autobackup_8.0_20260101.unf', 1000)
    expect(await newest()).toBe('autobackup_8.0_20260103.unf')
  })

  it('is a file with something in it, of this folder and this kind', async () => {
    put('a "b" $(c).unf', 1000)
    put('empty.unf', 3000, '')
    put('.hidden.unf', 3000)
    put('meta.json', 3000)
    mkdirSync(join(folder, 'folder.unf'))
    put('folder.unf/inside.unf', 3000)
    symlinkSync('nowhere', join(folder, 'broken.unf'))
    expect(await newest()).toBe('a "b" $(c).unf')
  })

  it('that is not there is told in a sentence', async () => {
    expect(await newest()).toMatch(/^no backup found in .*; turn on automatic backups under System > Backups/u)
    put('empty.unf', 3000, '')
    expect(await newest()).toMatch(/^no backup found in .*; its 1 \.unf are empty or no files; turn on/u)
    rmSync(folder, { recursive: true })
    expect(await newest()).toMatch(/cannot be read \(ENOENT\); mount there the folder in which UniFi/u)
  })
})
