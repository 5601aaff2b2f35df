import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Front, type Own, type Peer, type Seen, startFront, startPeer } from '@homeslice/testing'
import { addBasePackages, type Checkout, makeCheckout } from '../checkout.testing.ts'
import { packageFiles } from '../debian.ts'
import { architectures, imageReferences, type ImagesLock, readLock } from '../lock.ts'
import { makeMirror } from '../mirror.testing.ts'
import type { Report } from '../outcome.ts'
import { relock } from '../refresh.ts'
import { pushImages, type PushOptions } from './push.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-push-'))
let peer: Peer
let front: Front
let own: (seen: Seen) => Own | undefined
let checkout: Checkout
let cache: string
let count = 0
const report = vi.fn<Report>()

/** So large that a connection can be cut in the midst of it. */
const weight = randomBytes(2 << 20).toString('base64')

const newCheckout = (): void => {
  const place = join(folder, String((count += 1)))
  cache = join(place, 'cache')
  checkout = makeCheckout(join(place, 'checkout'))
  checkout.write('services/buttons/src/main.ts', `process.stdout.write('${weight}')\n`)
}
beforeEach(async () => {
  peer = await startPeer()
  front = await startFront({ port: peer.port, own: (seen) => own(seen) })
  own = () => undefined
  newCheckout()
  checkout.write('images.lock.json', firstLock)
  cpSync(join(folder, 'seed/debian'), join(cache, 'debian'), { recursive: true })
  report.mockReset()
})

/** Asking the mirror takes its time: each test begins with a lock and with fetched packages. */
let firstLock = ''
beforeAll(async () => {
  const mirror = makeMirror(join(folder, 'mirror'))
  addBasePackages(mirror, '1.0')
  for (const architecture of architectures)
    mirror.add('libc6', '1.1', { '/usr/lib/libc': architecture }, { architecture })
  vi.stubEnv('APT_CONFIG', mirror.config)
  newCheckout()
  const made = await relock({ root: checkout.root, cache })
  if (!made.ok) throw new Error(made.message)
  for (const architecture of architectures)
    await packageFiles([...made.lock.base[architecture].debian, ...made.lock.git[architecture]], {
      architecture,
      cache: join(folder, 'seed'),
    })
  firstLock = checkout.read('images.lock.json')
}, 120_000)
afterEach(async () => {
  await front.stop()
  await peer.stop()
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const registry = (): string => `${front.address}/casa/home`
const push = (more: Partial<PushOptions> = {}) =>
  pushImages({
    root: checkout.root,
    cache,
    registry: registry(),
    names: ['buttons', 'switches'],
    env: { PATH: process.env['PATH'], DOCKER_CONFIG: folder },
    report,
    signal: new AbortController().signal,
    pauses: [1, 1, 1],
    ...more,
  })
const pushed = async (more: Partial<PushOptions> = {}) => {
  const done = await push(more)
  if (!done.ok) throw new Error(`${done.message}; ${done.fix}`)
  return done
}
const locked = async (): Promise<ImagesLock> => {
  const read = await readLock(checkout.root)
  if (!read.ok) throw new Error(read.message)
  return read.lock
}
const forgetDigests = async (): Promise<void> => {
  const lock = await locked()
  const ours = Object.fromEntries(Object.entries(lock.ours).map(([name, { tag }]) => [name, { tag }]))
  checkout.write('images.lock.json', JSON.stringify({ ...lock, ours }))
}
const sent = (pattern: RegExp): string[] => front.log.filter((line) => pattern.test(line))

describe('a push', { timeout: 60_000 }, () => {
  it('brings both architectures under one name, as somebody else reads them', async () => {
    expect(await pushed()).toEqual({ ok: true, pushed: ['buttons', 'switches'], bytes: expect.any(Number) as number })
    const { ours } = await locked()
    const { buttons = '' } = imageReferences({ ours }, registry())
    expect(buttons).toBe(`${registry()}/buttons@${ours['buttons']?.digest}`)
    const byTag = `${registry()}/buttons:${ours['buttons']?.tag}`
    expect(await peer.crane('digest', byTag)).toBe(ours['buttons']?.digest)
    for (const architecture of ['amd64', 'arm64']) {
      await peer.crane('validate', '--remote', buttons, '--platform', `linux/${architecture}`)
      const config = JSON.parse(await peer.crane('config', '--platform', `linux/${architecture}`, buttons)) as object
      expect(config).toMatchObject({ architecture, config: { User: '10001:10001' } })
    }
    expect(await peer.crane('ls', `${registry()}/switches`)).toBe(ours['switches']?.tag)
  })

  it('locks the digests of what was pushed, and of nothing else', async () => {
    await pushed({ names: ['switches'] })
    const { ours } = await locked()
    expect(Object.entries(ours).flatMap(([name, { digest }]) => (digest === undefined ? [] : [name]))).toEqual([
      'switches',
    ])
  })

  it('locks no digest for a name that has moved on meanwhile', async () => {
    const lock = await locked()
    const moved = { ...lock.ours, buttons: { tag: 'f'.repeat(12) } }
    own = ({ method }) => {
      if (method === 'PUT') checkout.write('images.lock.json', JSON.stringify({ ...lock, ours: moved }))
      return undefined
    }
    await pushed()
    const { ours } = await locked()
    expect([ours['buttons'], ours['switches']?.digest]).toEqual([moved.buttons, expect.any(String)])
  })

  it('that was made already asks whether all is there, and builds and sends nothing', async () => {
    await pushed()
    front.log.length = 0
    report.mockReset()
    expect(await pushed({ cache: join(cache, 'empty') })).toEqual({ ok: true, pushed: [], bytes: 0 })
    expect(front.log.filter((line) => !/^GET \/v2\/ 200$/u.test(line))).toEqual([
      expect.stringMatching(/^HEAD .*buttons\/manifests\/sha256:[0-9a-f]+ 200$/u),
      expect.stringMatching(/^HEAD .*switches\/manifests\/sha256:[0-9a-f]+ 200$/u),
    ])
    expect(report).not.toHaveBeenCalled()
  })

  it('from another machine gives the same digests, and sends nothing that is there', async () => {
    await pushed()
    const first = await locked()
    await forgetDigests()
    front.log.length = 0
    cache = join(cache, 'another')
    expect(await pushed()).toEqual({ ok: true, pushed: [], bytes: 0 })
    expect(await locked()).toEqual(first)
    expect(sent(/^(POST|PUT)/u)).toEqual([])
  })

  it('to a registry that has lost all brings it back, the same to the digest', async () => {
    await pushed()
    const { ours } = await locked()
    const empty = await startPeer()
    const other = `127.0.0.1:${empty.port}`
    expect(await pushed({ registry: other })).toMatchObject({ pushed: ['buttons', 'switches'] })
    expect(await empty.crane('digest', `${other}/buttons:${ours['buttons']?.tag}`)).toBe(ours['buttons']?.digest)
    await empty.stop()
  })

  it('that would give another image than the one that is locked is not made', async () => {
    const lock = await locked()
    const digest = `sha256:${'d'.repeat(64)}`
    const switches = { ...lock.ours['switches'], digest }
    checkout.write('images.lock.json', JSON.stringify({ ...lock, ours: { ...lock.ours, switches } }))
    const done = await push()
    expect(done.ok ? '' : done.message).toMatch(/^switches became sha256:[0-9a-f]{64} here, and .* names sha256:dddd/u)
    expect(sent(/^(POST|PUT)/u)).toEqual([])
  })

  it('says how far it is', async () => {
    await pushed({ names: ['buttons'] })
    const told = report.mock.calls.map(([{ task, state, detail }]) => [task, state, detail].join(' ').trim())
    expect(told.slice(0, 5)).toEqual([
      'images for amd64 start',
      'images for amd64 done',
      'images for arm64 start',
      'images for arm64 done',
      'push buttons start',
    ])
    expect(told.filter((line) => / progress /u.test(line))[0]).toMatch(
      /^push buttons progress amd64: 1\.0 MB of 2\.\d MB$/u,
    )
    expect(told.at(-1)).toMatch(/^push buttons done \d\.\d MB sent$/u)
  })
})

describe('a layer that several images share', () => {
  /** Registries keep blobs by repository; the peer has one heap for all. */
  const apart = (takesOver: boolean) => {
    const held = new Set<string>()
    own = ({ method, url }) => {
      const [, repository = '', digest = ''] = /^\/v2\/(.+)\/blobs\/(sha256:.+)$/u.exec(url.pathname) ?? []
      if (method === 'HEAD' && digest !== '' && !held.has(`${repository} ${digest}`)) return { status: 404 }
      const [, into = ''] = /^\/v2\/(.+)\/blobs\/uploads\//u.exec(url.pathname) ?? []
      const wanted = url.searchParams.get('mount') ?? ''
      if (method === 'PUT' && into !== '') held.add(`${into} ${url.searchParams.get('digest')}`)
      if (!takesOver || !held.has(`${url.searchParams.get('from')} ${wanted}`)) return undefined
      held.add(`${into} ${wanted}`)
      return { status: 201, headers: { location: `/v2/${into}/blobs/${wanted}` } }
    }
  }
  const ofSwitches = () => sent(/^PUT .*switches\/blobs/u).length

  it('is sent once, where the registry can take it over from another repository', async () => {
    apart(true)
    await pushed()
    // Its own layer and two configs; the layers of both architectures are there.
    expect(ofSwitches()).toBe(3)
  })

  it('is sent again, where it cannot', async () => {
    apart(false)
    await pushed()
    expect(ofSwitches()).toBe(5)
  })
})

describe('a push that goes wrong', () => {
  const first = (limit: number, matches: (seen: Seen) => boolean, what: Own) => {
    let times = 0
    own = (seen) => (matches(seen) && (times += 1) <= limit ? what : undefined)
  }
  const isUpload = ({ method, url }: Seen): boolean => method === 'PUT' && url.pathname.includes('/blobs/')

  it.each<[string, Own]>([
    ['a connection that is cut in the midst of a layer', { cutAfter: 100_000 }],
    ['a connection that is reset', { cutAfter: 0 }],
    ['a registry that fails', { status: 500 }],
    ['a registry that asks for patience', { status: 429, headers: { 'retry-after': '0' } }],
  ])('goes on after %s', async (_, what) => {
    first(3, (seen) => isUpload(seen) && seen.bytes > 1e6, what)
    await pushed()
    expect(sent(/^PUT .*buttons\/blobs\//u)).toHaveLength(5 + 3)
    const { ours } = await locked()
    await peer.crane('validate', '--remote', `${registry()}/buttons@${ours['buttons']?.digest}`)
  })

  it('ends when patience does, and the next one goes on where it was', async () => {
    let uploads = 0
    own = (seen) => (isUpload(seen) && (uploads += 1) > 2 ? { status: 503 } : undefined)
    const done = await push()
    expect(done).toEqual({
      ok: false,
      message: `${front.address} fails at casa/home/buttons (503), 4 times`,
      fix: 'look at its log, then run it again: what has arrived is not sent twice',
    })
    expect(report.mock.calls.at(-1)?.[0]).toMatchObject({ task: 'push buttons', state: 'failed' })
    expect((await locked()).ours['buttons']?.digest).toBeUndefined()
    const arrived = sent(/^PUT .*\/blobs\/.* 201$/u).length
    expect(arrived).toBe(2)
    own = () => undefined
    front.log.length = 0
    await pushed({ names: ['buttons'] })
    expect(sent(/^PUT .*\/blobs\//u)).toHaveLength(5 - arrived)
  })

  it.each<[string, (seen: Seen) => boolean]>([
    ['the greeting', ({ method }) => method === 'GET'],
    ['the question what is there', ({ method, url }) => method === 'HEAD' && url.pathname.includes('/manifests/')],
    ['the question which layers are there', ({ method, url }) => method === 'HEAD' && url.pathname.includes('/blobs/')],
    ['a layer', isUpload],
    ['a manifest', ({ method, url }) => method === 'PUT' && url.pathname.includes('/manifests/sha256')],
    ['the tag', ({ method, url }) => method === 'PUT' && /\/manifests\/[0-9a-f]{12}$/u.test(url.pathname)],
  ])('ends where %s is refused, and locks no digest', async (_, matches) => {
    own = (seen) => (matches(seen) ? { status: 403 } : undefined)
    const done = await push()
    expect(done.ok ? '' : done.message).toMatch(
      /^127\S+ does not let you push to (casa\/home\/buttons|\/v2\/) \(403\)$/u,
    )
    expect((await locked()).ours['buttons']?.digest).toBeUndefined()
  })

  it('ends where the question is refused whether what is known is still there', async () => {
    await pushed()
    own = ({ method }) => (method === 'HEAD' ? { status: 403 } : undefined)
    expect(await push()).toMatchObject({ ok: false, fix: expect.stringContaining('the right to push') as string })
  })

  it('is interrupted at once', async () => {
    const stop = new AbortController()
    own = (seen) => {
      if (isUpload(seen)) stop.abort()
      return undefined
    }
    expect(await push({ signal: stop.signal, pauses: [60_000] })).toMatchObject({ ok: false, message: 'interrupted' })
  })

  it.each([
    ['no lock', 'images.lock.json', /images\.lock\.json cannot be read/u],
    ['sources that are wrong', 'services/buttons/src/main.ts', /cannot be bundled/u],
  ])('by %s is told in a sentence', async (_, gone, said) => {
    rmSync(join(checkout.root, gone))
    const done = await push()
    expect(done.ok ? '' : done.message).toMatch(said)
    expect(front.log).toEqual([])
  })

  it('by inputs that are not to be had is told in a sentence, and nothing is sent', async () => {
    rmSync(join(cache, 'debian'), { recursive: true, force: true })
    vi.stubEnv('PATH', folder)
    const done = await push({ env: { DOCKER_CONFIG: folder } })
    vi.stubEnv('PATH', process.env['PATH'] ?? '')
    expect(done.ok ? '' : done.message).toMatch(/Debian's mirror does not give/u)
    expect(sent(/^(POST|PUT)/u)).toEqual([])
  })
})
