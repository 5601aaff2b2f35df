import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHome } from './read.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeslice-config-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const messageOf = async (path: string): Promise<string | undefined> => {
  const read = await readHome(path)
  return read.ok ? undefined : read.problems[0]?.message
}

describe('a home file that cannot be read', () => {
  it.each([
    ['missing', () => Promise.resolve(), 'there is no such file'],
    ['a folder', (path: string) => mkdir(path), 'is no file'],
    ['a link to itself', (path: string) => symlink(path, path), 'is a link that leads to itself'],
    ['no UTF-8', (path: string) => writeFile(path, Buffer.from([0x61, 0xff, 0xfe])), 'is not UTF-8 text'],
    [
      'huge',
      async (path: string) => {
        await writeFile(path, '')
        await truncate(path, 5 * 1024 * 1024)
      },
      'is larger than 4096 KB',
    ],
  ])('%s', async (_, make, message) => {
    const path = join(folder, 'home.yaml')
    await make(path)
    expect(await messageOf(path)).toBe(message)
  })

  it('below a file, with a name too long, or with an error that has no sentence of its own', async () => {
    await writeFile(join(folder, 'file'), '')
    expect(await messageOf(join(folder, 'file', 'home.yaml'))).toBe('there is no such file')
    expect(await messageOf(join(folder, 'x'.repeat(300)))).toBe('there is no such file: the name is too long')
    expect(await messageOf(`${folder}/\0`)).toBe('cannot be read (ERR_INVALID_ARG_VALUE)')
  })
})

it('refuses more text than a service can take along', async () => {
  const path = join(folder, 'home.yaml')
  await writeFile(join(folder, 'large'), 'x'.repeat(600_000))
  const files = '{ /a: { from: large }, /b: { from: large }, /c: text }'
  const home =
    'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices:\n  a: { image: "x:1", files: '
  await writeFile(path, `${home}${files} }\n`)
  const read = await readHome(path, 'home.yaml')
  expect(read.ok ? [] : read.problems).toEqual([
    {
      file: 'home.yaml',
      line: 4,
      column: 22,
      path: 'services.a.files',
      message: 'the files of a service hold at most 1000 KB together, and these 1201 KB',
      fix: 'put what is large on a volume, or into an image',
    },
  ])
})

describe('files named by `from`', () => {
  const withFile = (from: string): string =>
    `version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices: { a: { image: "x:1", files: { /etc/a: { from: ${from} } } } }\n`

  it('are read beside the home file', async () => {
    await writeFile(join(folder, 'a.txt'), 'hello\n')
    await writeFile(join(folder, 'home.yaml'), withFile('./a.txt'))
    const read = await readHome(join(folder, 'home.yaml'))
    expect(read.ok && read.home.environments.prod?.services.a?.files['/etc/a']).toEqual({ text: 'hello\n' })
  })

  it('cannot lead out of its folder by a link', async () => {
    await symlink('/etc/hostname', join(folder, 'a.txt'))
    await writeFile(join(folder, 'home.yaml'), withFile('./a.txt'))
    expect(await messageOf(join(folder, 'home.yaml'))).toBe('./a.txt: lies outside the folder of the home file')
  })

  it('may differ between environments', async () => {
    await writeFile(join(folder, 'a.txt'), 'a')
    await writeFile(join(folder, 'b.txt'), 'b')
    const overlay = 'environments: { prod: {}, dev: { services: { a: { files: { /etc/a: { from: b.txt } } } } } }\n'
    await writeFile(join(folder, 'home.yaml'), withFile('a.txt') + overlay)
    const read = await readHome(join(folder, 'home.yaml'))
    const texts = read.ok && ['prod', 'dev'].map((env) => read.home.environments[env]?.services.a?.files['/etc/a'])
    expect(texts).toEqual([{ text: 'a' }, { text: 'b' }])
  })
})
