import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type GitSimulator,
  simulatedKnownHost,
  simulatedRepository,
  startGit,
  startTodoist,
  type TodoistSimulator,
} from '@homeslice/simulators'
import { debianPackage, root, run } from '@homeslice/testing'
import { buildImages, type BuiltImage } from './build.ts'
import { ownImages } from './bundle.ts'
import { started } from './entrypoint.ts'
import { assembleImage } from './image.ts'
import { blobPath } from './layer.ts'
import { commonLayers, readParts, recipeOf } from './parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-real-images-'))
const usualCache = process.env['HOMESLICE_CACHE'] ?? join(homedir(), '.cache/homeslice')
const full = join(folder, 'full')

const build = (cache: string) => buildImages({ root, cache, report: () => undefined })

/** The packages are fetched once and given to each new cache. */
const newCache = (name: string): string => {
  const kept = join(usualCache, 'debian')
  const cache = join(folder, name)
  if (existsSync(kept)) cpSync(kept, join(cache, 'debian'), { recursive: true })
  return cache
}

const built = async (cache: string): Promise<readonly BuiltImage[]> => {
  const made = await build(cache)
  if (!made.ok) throw new Error(`${made.message}; ${made.fix}`)
  return made.images
}

let images: readonly BuiltImage[]
beforeAll(async () => {
  images = await built(newCache('one'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('the images that ship', () => {
  it('are the same to the digest, built from the same lock in another cache', async () => {
    const again = await built(newCache('two'))
    expect(again.map(({ digest, layers }) => [digest, layers])).toEqual(
      images.map(({ digest, layers }) => [digest, layers]),
    )
  })

  it('stay below 60 MB compressed, and what is their own below 300 KB', () => {
    // Homebridge and its library for HomeKit are in one of them, whole.
    const most = (name: string): number => (name === 'homebridge' ? 500_000 : 300_000)
    for (const { name, bytes, tar, layers } of images) {
      expect([name, bytes < 60_000_000, (layers.at(-1)?.bytes ?? 0) < most(name)]).toEqual([name, true, true])
      expect(statSync(tar).size).toBeLessThan(60_000_000)
    }
    expect(images.map(({ name }) => name)).toEqual(ownImages)
  })
})

const unpackInto = (inside: string, name: string): void => {
  mkdirSync(inside)
  const image = images.find((one) => one.name === name)
  for (const { digest } of image!.layers) {
    const input = execFileSync('tar', ['xOf', image!.tar, `blobs/sha256/${digest.slice(7)}`], { maxBuffer: 1 << 28 })
    execFileSync('tar', ['xzpf', '-', '-C', inside], { input })
  }
}

/** What a root holds that can be started, but for libraries. */
const programsIn = (inside: string): string[] =>
  execFileSync('find', [inside, '-type', 'f', '-perm', '/111', '-printf', '/%P\n'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((name) => !/\.so(\.\d+)*$/u.test(name))
    .toSorted()

/** Layers unpacked by tar, and a program started in there as the image says: no sandbox, only the files. */
describe('the root of an image', () => {
  const inside = join(folder, 'root')
  const chroot = (...command: readonly string[]): string =>
    execFileSync('chroot', ['--userspec=10001:10001', inside, ...command], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], TZ: 'Asia/Tokyo' },
    })

  beforeAll(() => {
    unpackInto(inside, 'buttons')
  })

  it('runs Node with its timezones and its certificates', () => {
    const script = `
      const { X509Certificate } = require('node:crypto')
      const pem = require('node:fs').readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8')
      const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu).map((one) => new X509Certificate(one))
      console.log(JSON.stringify({
        version: process.versions.node, uid: process.getuid(), certificates: all.length > 100,
        hour: new Date(0).getHours(), name: new Intl.DateTimeFormat('de', { weekday: 'long' }).format(0),
      }))`
    expect(JSON.parse(chroot('/usr/bin/node', '-e', script))).toEqual({
      version: process.versions.node,
      uid: 10_001,
      certificates: true,
      hour: 9,
      name: 'Donnerstag',
    })
  })

  it('has nothing to log in with, to install with, or to become someone else with', () => {
    expect(programsIn(inside)).toEqual(['/usr/bin/node'])
    const lent = ['-perm', '/6000', '-o', '-type', 'f', '-perm', '/022', '-o', '-type', 'c']
    expect(execFileSync('find', [inside, ...lent], { encoding: 'utf8' })).toBe('')
    expect(readdirSync(join(inside, 'usr/bin'))).toEqual(['node'])
  })

  it('has an end for every link, but for the one to the zone of a machine', () => {
    const ends = execFileSync('find', [inside, '-type', 'l', '-printf', '/%P -> %l\n'], { encoding: 'utf8' })
    const dangling = ends
      .trim()
      .split('\n')
      .map((line) => line.split(' -> '))
      .filter(([from = '', to = '']) => !existsSync(join(inside, to.startsWith('/') ? to : join(from, '..', to))))
    expect(dangling).toEqual([['/usr/share/zoneinfo/localtime', '/etc/localtime']])
  })
})

/** The whole job within the root of its image, as the user of its containers, against a cloud and a server outside. */
describe('the root of an image with git and ssh', () => {
  const inside = join(folder, 'with-git')
  const host = '127.0.9.51'
  let cloud: TodoistSimulator
  let remote: GitSimulator

  beforeAll(async () => {
    unpackInto(inside, 'backup-todoist')
    mkdirSync(join(inside, 'dev'))
    for (const [name, minor] of [
      ['null', '3'],
      ['urandom', '9'],
    ] as const)
      execFileSync('mknod', ['-m', '666', join(inside, 'dev', name), 'c', '1', minor])
    cloud = await startTodoist({ name: 'cloud', host })
    remote = await startGit({ name: 'remote', host })
    mkdirSync(join(inside, 'secrets'))
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(inside, 'secrets/key')])
    execFileSync('chmod', ['644', join(inside, 'secrets/key')])
    writeFileSync(join(inside, 'secrets/known_hosts'), `${simulatedKnownHost}\n`)
  })
  afterAll(async () => {
    await cloud.stop()
    await remote.stop()
  })

  const start = (...command: readonly string[]) =>
    run('/usr/sbin/chroot', ['--userspec=10001:10001', inside, ...command], {
      env: {
        PATH: undefined,
        TODOIST_TOKEN: 'x',
        TODOIST_BASE_URL: `http://${host}:8080`,
        GITHUB_BACKUP_GIT_CLONE_URL: `ssh://git@${host}:2222/${simulatedRepository}`,
        GITHUB_BACKUP_PRIVATE_KEY_PATH: '/secrets/key',
        SSH_KNOWN_HOSTS: '/secrets/known_hosts',
        GITHUB_BACKUP_AUTHOR_NAME: 'a',
        GITHUB_BACKUP_AUTHOR_EMAIL: 'a@b',
      },
    })

  it('has these two programs more, and no shell', () => {
    expect(programsIn(inside)).toEqual(['/usr/bin/git', '/usr/bin/node', '/usr/bin/ssh'])
    expect(existsSync(join(inside, 'bin'))).toBe(false)
    expect(execFileSync('find', [inside, '-perm', '/6000'], { encoding: 'utf8' })).toBe('')
  })

  it('backs up an account of 5,000 tasks within the heap of its image, and restores nothing without need', async () => {
    for (let index = 0; index < 5000; index += 1) cloud.account.add('tasks', { content: `task ${index}` })
    const job = started.entrypoint
    expect(await start(...job)).toMatchObject({ code: 0, stderr: '' })
    expect((await start(...job)).stdout).toContain('nothing has changed since the last backup')
    const text = execFileSync('git', ['-C', remote.repository, 'show', 'main:backup.json'], { maxBuffer: 1 << 26 })
    writeFileSync(join(inside, 'tmp/backup.json'), text)
    expect((await start(...job, 'restore', '/tmp/backup.json')).stdout).toContain('"missing":0,"there":5001')
    expect(readdirSync(join(inside, 'tmp')).toSorted()).toEqual(['backup.json', 'backup.json.ids.json'])
  })
})

describe('the root of an image for arm64', () => {
  const inside = join(folder, 'arm64')
  const cache = newCache('arm64-cache')
  let emulator = ''

  beforeAll(async () => {
    const files = await debianPackage('qemu-user-static')
    emulator = files.find((file) => file.endsWith('/qemu-aarch64-static')) ?? ''
    const read = await readParts(root)
    if (!read.ok) throw new Error(read.message)
    const layer = await commonLayers(read.lock, 'arm64', { root, cache })
    if (!layer.ok) throw new Error(`${layer.message}; ${layer.fix}`)
    const { layers } = await assembleImage(
      recipeOf(
        read.parts.find(({ name }) => name === 'backup-todoist')!,
        'arm64',
        layer.layers,
      ),
      cache,
    )
    mkdirSync(inside)
    for (const { digest } of layers)
      execFileSync('tar', ['xzpf', join(cache, blobPath(digest)), '-C', inside], { stdio: 'ignore' })
  })

  const program = (name: string, ...args: readonly string[]): string =>
    execFileSync(emulator, ['-L', inside, join(inside, 'usr/bin', name), ...args], { encoding: 'utf8' }).trim()
  const node = (...args: readonly string[]): string => program('node', ...args)

  it('answers as the Node that is locked, emulated by somebody else', () => {
    expect(node('--version')).toBe(process.version)
    expect(node('-p', 'process.arch')).toBe('arm64')
  })

  it('has git and ssh with all their libraries', () => {
    expect(program('git', '--version')).toMatch(/^git version 2\./u)
    expect(program('ssh', '-G', 'nowhere')).toContain('hostname nowhere')
  })

  it('compresses to the same bytes, so that images built there have the same digests', () => {
    const script = `const text = Array.from({ length: 200000 }, (_, n) => (n * n) % 9973).join(' ')
      require('node:crypto').hash('sha256', require('node:zlib').gzipSync(text, { level: 6 }))`
    const here = execFileSync(process.execPath, ['-p', script], { encoding: 'utf8' }).trim()
    expect(node('-p', script)).toBe(here)
  })
})

describe('a full disk', () => {
  beforeAll(() => {
    mkdirSync(full)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'none', full])
  })
  afterAll(() => {
    execFileSync('umount', [full])
  })

  it('is told in a sentence, leaves nothing half-written, and room made is enough', async () => {
    const cache = join(full, 'cache')
    cpSync(join(folder, 'one/debian'), join(cache, 'debian'), { recursive: true })
    expect(await build(cache)).toEqual({
      ok: false,
      message: expect.stringMatching(/cannot be written below .*: ENOSPC: no space left on device/u) as string,
      fix: 'look at the free disk and at who owns that folder',
    })
    const left = execFileSync('find', [cache, '-type', 'f', '-not', '-name', '*.deb'], { encoding: 'utf8' })
    expect(left).toBe('')
    execFileSync('mount', ['-o', 'remount,size=1500m', full])
    expect((await built(cache)).map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest))
  })
})
