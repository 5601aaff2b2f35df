import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtNames, hashOf, sourceOf } from './built.ts'
import { recipes } from './recipes.ts'

const [recipe] = recipes
if (!recipe) throw new Error('no recipes')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeslice-recipe-'))
  cpSync(sourceOf(recipe), folder, { recursive: true })
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('hashOf', () => {
  test('is the same for the same files wherever they lie', () => {
    expect(hashOf(recipe, folder)).toBe(hashOf(recipe))
    expect(hashOf(recipe)).toMatch(/^[0-9a-f]{12}$/)
  })

  test.each<[string, () => string]>([
    ['a file changes', () => change('main.go')],
    ['a file is added', () => change('more.go')],
    ['the recipe changes', () => hashOf({ ...recipe, tags: 'other' }, folder)],
    ['the kind of machine changes', () => hashOf(recipe, folder, 'other')],
  ])('is another one when %s', (_, other) => {
    expect(other()).not.toBe(hashOf(recipe))
  })

  test('does not count tests, which are not built', () => {
    writeFileSync(join(folder, 'more_test.go'), 'package main\n')
    expect(hashOf(recipe, folder)).toBe(hashOf(recipe))
  })
})

const change = (file: string): string => {
  writeFileSync(join(folder, file), 'package main\n')
  return hashOf(recipe, folder)
}

test('every recipe has its folder, and each name is used once', () => {
  const names = Object.values(builtNames())
  expect(names).toHaveLength(recipes.length)
  expect(new Set(names).size).toBe(recipes.length)
})
