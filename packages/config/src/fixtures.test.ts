import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Problem } from './problem.ts'
import { readHome } from './read.ts'

const folder = join(import.meta.dirname, '..', 'fixtures')
const filesIn = (kind: string): string[] => readdirSync(join(folder, kind)).filter((name) => name.endsWith('.yaml'))

const line = ({ line: at, column, path, message, fix }: Problem): string =>
  `${at}:${column} ${path}: ${message}${fix === undefined ? '' : `\n    ${fix}`}\n`

const nameless = (text: string): string => text.replaceAll(join(folder, ''), '')

describe('homes that are refused', () => {
  it.each(filesIn('reject'))('%s, with every problem, its place and its fix', async (name) => {
    const path = join(folder, 'reject', name)
    const read = await readHome(path, name)
    expect(read.ok).toBe(false)
    const problems = read.ok ? [] : read.problems
    expect(problems.every(({ file }) => file === name)).toBe(true)
    await expect(nameless(problems.map(line).join(''))).toMatchFileSnapshot(path.replace(/\.yaml$/u, '.problems.txt'))
  })
})

describe('homes that are accepted', () => {
  it.each(filesIn('accept'))('%s', async (name) => {
    const path = join(folder, 'accept', name)
    const read = await readHome(path, name)
    expect(read.ok ? [] : read.problems).toEqual([])
    const home = read.ok ? read.home : undefined
    const text = `${JSON.stringify({ home, warnings: read.warnings.map(line) }, undefined, 2)}\n`
    await expect(text).toMatchFileSnapshot(path.replace(/\.yaml$/u, '.home.json'))
  })
})
