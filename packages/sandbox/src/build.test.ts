import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { build, notBuilt } from './build.ts'
import { builtFolder } from './built.ts'
import type { Progress } from './outcome.ts'
import { recipes } from './recipes.ts'

let cache: string

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'homeslice-cache-'))
})

afterEach(() => rmSync(cache, { recursive: true }))

const one = (name: string) => recipes.filter((recipe) => recipe.name === name)

// Both of these are ours and have no dependencies: no network is needed.
test.runIf(process.platform === 'linux')(
  'builds what is missing once, and tells each step',
  { timeout: 120_000 },
  async () => {
    const folders = { state: cache, cache }
    const events: Progress[] = []
    const report = (event: Progress) => events.push(event)
    expect(await build(folders, report, one('pause'))).toEqual({ ok: true, built: ['pause'] })
    expect(events).toEqual([
      { task: 'build pause', state: 'start' },
      { task: 'build pause', state: 'done' },
    ])
    const [recipe] = one('pause')
    expect(recipe && existsSync(join(builtFolder(folders, recipe), 'pause'))).toBe(true)
    expect(notBuilt(folders, one('pause'))).toEqual([])
    expect(await build(folders, report, one('pause'))).toEqual({ ok: true, built: [] })
    expect(events).toHaveLength(2)
  },
)

test('a build that fails says why, and leaves nothing half-built', { timeout: 120_000 }, async () => {
  const broken = one('pause').map((recipe) => ({ ...recipe, program: 'no-such-folder/pause' }))
  const failed = await build({ state: cache, cache }, () => undefined, broken)
  expect(failed).toMatchObject({ ok: false, message: expect.stringContaining('no-such-folder') })
  expect(readdirSync(join(cache, 'bin'))).toEqual([])
})
