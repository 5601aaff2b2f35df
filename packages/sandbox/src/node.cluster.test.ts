import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { run } from './command.ts'
import { findGo } from './go.ts'
import { foldersFrom } from './folders.ts'
import { recipes } from './recipes.ts'
import { sourceOf } from './built.ts'

// The program has no dependencies, so this needs no network where Go is installed.
test('homeslice-node passes its own tests', { timeout: 120_000 }, async () => {
  const [recipe] = recipes
  const found = await findGo(foldersFrom(process.env), () => undefined)
  if (!recipe || !found.ok) throw new Error('no Go')
  const env = { ...found.go.env, TMPDIR: tmpdir() }
  const tested = await run([found.go.program, 'test', './...'], { cwd: sourceOf(recipe), env })
  expect(tested.stdout + tested.stderr).toMatch(/^ok/)
})
