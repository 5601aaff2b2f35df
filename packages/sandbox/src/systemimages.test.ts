import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { builtNames, hashOf } from './built.ts'
import type { Folders } from './folders.ts'
import { recipes } from './recipes.ts'
import {
  makeSystemImages,
  missingImages,
  partImages,
  systemImages,
  tagOf,
  thirdPartyImages,
  unlikeLock,
} from './systemimages.ts'

let folder: string
let folders: Folders

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeslice-system-'))
  folders = { state: join(folder, 'state'), cache: join(folder, 'cache') }
  for (const { program } of systemImages(folders)) write(program, 'a program')
})

afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const quiet = () => undefined
const old = new Date(Date.now() - 30 * 24 * 3_600_000)

test('images that were written in another way are made anew, though their programs are the same', async () => {
  for (const name of ['pause', 'coredns', 'traefik'] as const) {
    write(join(folders.cache, 'images', `${builtNames()[name]}.tar`), 'as it was written once')
    write(join(folders.cache, 'images', `${builtNames()[name]}.digest`), 'sha256:1')
  }
  expect(missingImages(folders)).toEqual(systemImages(folders))
  expect(await makeSystemImages(folders, quiet)).toEqual({ ok: true })
  expect(missingImages(folders)).toEqual([])
})

test('images that are there count as used', async () => {
  await makeSystemImages(folders, quiet)
  const files = systemImages(folders).flatMap(({ tar }) => [tar, tar.replace(/tar$/u, 'digest')])
  for (const file of files) utimesSync(file, old, old)
  missingImages(folders)
  for (const file of files) expect(statSync(file).mtimeMs).toBeGreaterThan(old.getTime() + 1000)
})

test('images are called by what is in them, and told from those that are locked', async () => {
  await makeSystemImages(folders, quiet)
  const made = thirdPartyImages(folders)
  expect(Object.keys(made)).toEqual(['coredns', 'traefik'])
  for (const [name, { tag, digest }] of Object.entries(made)) {
    expect(partImages()[name as 'coredns']).toBe(`homeslice.dev/${name}:${tag}`)
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/u)
  }
  const other = { ...made, traefik: { tag: 'f'.repeat(12), digest: 'sha256:1' } }
  const onPc = process.arch === 'x64'
  expect(unlikeLock(folders, made)).toEqual([])
  expect(unlikeLock(folders, other)).toHaveLength(onPc ? 1 : 0)
  expect(unlikeLock(folders, {})).toEqual(
    onPc
      ? ['coredns', 'traefik'].map(
          (name) => `${name} became ${made[name]?.digest} here, and images.lock.json names none`,
        )
      : [],
  )
})

test('a disk that takes no image is told in a sentence', async () => {
  write(join(folders.cache, 'images'), 'a file where a folder should be')
  const told: string[] = []
  const made = await makeSystemImages(folders, ({ state }) => told.push(state))
  expect(made).toMatchObject({
    ok: false,
    message: expect.stringMatching(/^the image homeslice\.dev\/pause:\w{12} cannot be written to /u),
  })
  expect(told).toEqual(['start', 'failed'])
})

test('the lock names images of third parties by how they are made for a PC', () => {
  const { thirdParty } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../images.lock.json'), 'utf8')) as {
    thirdParty: Record<string, { tag: string }>
  }
  const tags = recipes
    .filter(({ name }) => name === 'coredns' || name === 'traefik')
    .map((recipe) => [recipe.name, tagOf(`${recipe.name}-${hashOf(recipe, undefined, 'x64')}`, 'x64')])
  expect(Object.entries(thirdParty).map(([name, { tag }]) => [name, tag])).toEqual(tags)
})
