import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DebianPackage, unpack } from './apt.ts'
import { newestPackages, packageFiles } from './debian.ts'
import { architectures, thisArchitecture } from './lock.ts'
import { makeMirror, type Mirror } from './mirror.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-debian-'))
let mirror: Mirror
beforeAll(() => {
  mirror = makeMirror(folder)
})
const usual = () => vi.stubEnv('APT_CONFIG', mirror.config)
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

const architecture = thisArchitecture()
const packageFile = async (wanted: DebianPackage, cache: string) => {
  const found = await packageFiles([wanted], { architecture, cache })
  return found.ok ? ({ ok: true, path: found.paths[0]! } as const) : found
}

let caches = 0
const newCache = (): string => join(folder, `cache-${(caches += 1)}`)
const left = (cache: string): string[] => readdirSync(join(cache, 'debian'))

describe('a pinned package', () => {
  it('is fetched on a machine that has no lists yet, checked, and kept', async () => {
    usual()
    const wanted = mirror.add('one', '1.0', { '/etc/one': 'one' })
    const cache = newCache()
    const got = await packageFile(wanted, cache)
    expect(got).toEqual({ ok: true, path: join(cache, 'debian', `one-${wanted.sha256}.deb`) })
    expect(left(cache)).toEqual([`one-${wanted.sha256}.deb`])
    expect(readdirSync(join(folder, 'lists'))).toEqual(['partial'])
    mirror.remove(wanted)
    expect(await packageFile(wanted, cache)).toEqual(got)
  })

  it('that lies damaged in the cache is fetched again', async () => {
    usual()
    const wanted = mirror.add('damaged', '1.0', { '/etc/damaged': 'whole' })
    const cache = newCache()
    const got = await packageFile(wanted, cache)
    if (!got.ok) throw new Error(got.message)
    const { size } = statSync(got.path)
    writeFileSync(got.path, readFileSync(got.path).subarray(0, size / 2))
    expect(await packageFile(wanted, cache)).toEqual(got)
    expect(statSync(got.path).size).toBe(size)
  })

  it('that the mirror no longer has names the way out', async () => {
    usual()
    const wanted = mirror.add('gone', '1.0', { '/etc/gone': 'old' })
    mirror.remove(wanted)
    mirror.add('gone', '1.1', { '/etc/gone': 'new' })
    const cache = newCache()
    expect(await packageFile(wanted, cache)).toEqual({
      ok: false,
      message: "Debian's mirror does not give gone 1.0: Version '1.0' for 'gone' was not found",
      fix: expect.stringContaining('./homeslice build --relock') as string,
    })
    expect(left(cache)).toEqual([])
  })

  it('whose content is another is not taken', async () => {
    usual()
    const { sha256, ...rest } = mirror.add('other', '1.0', { '/etc/other': 'not what was locked' })
    const cache = newCache()
    const got = await packageFile({ ...rest, sha256: 'f'.repeat(64) }, cache)
    expect(got).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/^do not use it before you know why/u) as string,
    })
    expect(got.ok ? '' : got.message).toContain(`has the hash ${sha256}, and images.lock.json wants ffff`)
    expect(left(cache)).toEqual([])
  })

  it.each(architectures)('for %s is fetched on any machine, and nothing is left of what that took', async (one) => {
    usual()
    const built = architectures.map((each) =>
      mirror.add('built', '1.0', { '/etc/built': each }, { architecture: each }),
    )
    const wanted = built[architectures.indexOf(one)]!
    const cache = newCache()
    const got = await packageFiles([wanted], { architecture: one, cache })
    expect(got).toEqual({ ok: true, paths: [join(cache, 'debian', `built-${wanted.sha256}.deb`)] })
    expect(left(cache)).toEqual([`built-${wanted.sha256}.deb`])
    expect(await newestPackages(['built'], one)).toEqual({ ok: true, packages: [wanted] })
  })

  it('on a machine without a mirror says so', async () => {
    const nowhere = join(folder, 'nowhere.conf')
    writeFileSync(nowhere, readFileSync(mirror.config, 'utf8').replace('sources.list', 'nowhere.list'))
    writeFileSync(join(folder, 'nowhere.list'), 'deb [trusted=yes] http://127.0.0.1:9/debian ./\n')
    vi.stubEnv('APT_CONFIG', nowhere)
    const got = await packageFile({ name: 'one', version: '1.0', sha256: '0'.repeat(64) }, newCache())
    expect(got.ok ? '' : got.message).toMatch(
      /does not give one 1\.0: Failed to fetch http:\/\/127\.0\.0\.1:9.*refused/u,
    )
  })

  it('on a machine without apt says so', async () => {
    vi.stubEnv('PATH', folder)
    expect(await packageFile({ name: 'one', version: '1.0', sha256: '0'.repeat(64) }, newCache())).toMatchObject({
      ok: false,
      message: "Debian's mirror does not give one 1.0: there is no apt-get on this machine",
    })
  })
})

describe('a package that cannot be had', () => {
  const wanted = { name: 'one', version: '1.0', sha256: '0'.repeat(64) }
  const aptGet = (script: string): void => {
    const programs = mkdtempSync(join(folder, 'programs-'))
    writeFileSync(join(programs, 'apt-get'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', `${programs}:${process.env['PATH']}`)
  }

  it.each([
    ['fails without a word', 'exit 3', /does not give one 1\.0: Command failed: apt-get update/u],
    ['fails with words that are no error', 'echo no disk >&2; exit 3', /does not give one 1\.0: no disk$/u],
    ['says that it did and did not', 'exit 0', /: apt-get said that it fetched the package, and there is none$/u],
  ])('by an apt-get that %s is told', async (_, script, message) => {
    aptGet(script)
    const cache = newCache()
    const got = await packageFile(wanted, cache)
    expect(got.ok ? '' : got.message).toMatch(message)
    expect(left(cache)).toEqual([])
  })

  it('whose place is taken leaves no half behind', async () => {
    usual()
    const known = mirror.add('place', '1.0', { '/etc/place': 'x' })
    const cache = newCache()
    const place = `place-${known.sha256}.deb`
    mkdirSync(join(cache, 'debian', place, 'inside'), { recursive: true })
    await expect(packageFile(known, cache)).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/u)
    expect(left(cache)).toEqual([place])
  })
})

describe('the newest packages', () => {
  it('are what the mirror has, whatever the lists of this machine say', async () => {
    usual()
    mirror.add('newer', '1.0', { '/etc/newer': '1' })
    const newest = mirror.add('newer', '1.10', { '/etc/newer': '10' })
    const also = mirror.add('also', '3', { '/etc/also': '3' })
    expect(await newestPackages(['newer', 'also'], architecture)).toEqual({ ok: true, packages: [also, newest] })
  })

  it('that are not there are named', async () => {
    usual()
    mirror.add('there', '1', {})
    const words = "Debian's mirror does not give never, nowhere: it does not know them"
    expect(await newestPackages(['there', 'never', 'nowhere'], architecture)).toMatchObject({
      ok: false,
      message: words,
    })
    expect(await newestPackages(['never', 'nowhere'], architecture)).toMatchObject({ ok: false, message: words })
  })
})

describe('unpacking', () => {
  it('gives the files', async () => {
    usual()
    const got = await packageFile(mirror.add('files', '1', { '/etc/files': 'text' }), newCache())
    if (!got.ok) throw new Error(got.message)
    await unpack(got.path, join(folder, 'unpacked'))
    expect(readFileSync(join(folder, 'unpacked/etc/files'), 'utf8')).toBe('text')
  })

  it('of what is no package fails in words', async () => {
    const none = join(folder, 'none.deb')
    writeFileSync(none, 'none')
    await expect(unpack(none, join(folder, 'none'))).rejects.toThrow(
      /^dpkg-deb: error: unexpected end of file .*none\.deb$/u,
    )
  })
})
