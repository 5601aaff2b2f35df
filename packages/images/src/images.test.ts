import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { root, run } from '@homeslice/testing'
import { bundleServices } from './bundle.ts'
import { type Recipe, writeImage } from './image.ts'
import { type Layer, storeLayer, tarOf } from './layer.ts'
import { type BaseLock, imageReferences, readLock, tagOf, writerVersion } from './lock.ts'
import { writeWhole } from './place.ts'
import { lockProblems } from './refresh.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-images-'))
afterAll(() => rmSync(folder, { recursive: true }))
const cacheOf = (name: string): string => join(folder, name)

const layer: Layer = [
  { path: '/bin/true', mode: 0o755, content: { kind: 'file', from: '/bin/true' } },
  { path: '/etc', content: { kind: 'folder' } },
  { path: '/etc/passwd', content: { kind: 'text', text: 'app:x:1:1::/:\n' } },
  { path: '/etc/link', uid: 5, gid: 6, content: { kind: 'link', to: 'passwd' } },
]
const recipe: Recipe = {
  layers: [layer, [{ path: '/app', content: { kind: 'folder' } }], layer],
  entrypoint: ['/bin/true'],
  user: '10001:10001',
  env: { A: 'b' },
}
const write = (cache: string, out = 'a.tar', what = recipe) =>
  writeImage(what, { out: join(folder, out), reference: 'homeslice.local/x:1', cache: cacheOf(cache) })

describe('an image', () => {
  it('is the same to the byte, built twice in two places, in any order', async () => {
    const one = await write('one', 'one.tar')
    const two = await write('two', 'two.tar', {
      ...recipe,
      layers: recipe.layers.map((one) => ('key' in one ? one : one.toReversed())),
    })
    expect(two).toEqual(one)
    expect(readFileSync(join(folder, 'one.tar')).equals(readFileSync(join(folder, 'two.tar')))).toBe(true)
  })

  it('holds each path once: of two with one path the later counts', async () => {
    const text = (path: string, text: string): Layer[number] => ({ path, content: { kind: 'text', text } })
    const tar = await tarOf([text('/a', 'first'), text('/b', 'b'), text('a', 'later')])
    expect(execFileSync('tar', ['tf', '-'], { input: tar, encoding: 'utf8' })).toBe('a\nb\n')
    expect(execFileSync('tar', ['xOf', '-', 'a'], { input: tar, encoding: 'utf8' })).toBe('later')
  })

  it('takes names that are long or not English, in one way', async () => {
    const name = `/usr/share/${'long/'.repeat(40)}Főtanúsítvány.crt`
    const layer: Layer = [{ path: name, content: { kind: 'text', text: 'x' } }]
    const tar = await tarOf(layer)
    expect(tar.equals(await tarOf(layer))).toBe(true)
    expect(execFileSync('tar', ['tf', '-', '--quoting-style=literal'], { input: tar, encoding: 'utf8' }).trim()).toBe(
      name.slice(1),
    )
  })

  it('starts with nothing but what its recipe says', async () => {
    const { digest } = await write('bare', 'bare.tar', { layers: [layer], entrypoint: ['/bin/true'], user: '1:1' })
    const blob = (name: string): string =>
      execFileSync('tar', ['xOf', join(folder, 'bare.tar'), `blobs/sha256/${name.slice(7)}`], { encoding: 'utf8' })
    const manifest = JSON.parse(blob(digest)) as { config: { digest: string } }
    expect(JSON.parse(blob(manifest.config.digest))).toMatchObject({
      architecture: 'amd64',
      config: { User: '1:1', Entrypoint: ['/bin/true'], Env: [], WorkingDir: '/', Labels: {} },
    })
  })

  it('is an OCI layout that another program can read', async () => {
    const { digest, layers } = await write('read')
    const names = execFileSync('tar', ['tf', join(folder, 'a.tar')], { encoding: 'utf8' }).split('\n')
    expect(names).toContain(`blobs/sha256/${digest.slice(7)}`)
    const index = JSON.parse(
      execFileSync('tar', ['xOf', join(folder, 'a.tar'), 'index.json'], { encoding: 'utf8' }),
    ) as { manifests: { annotations: Record<string, string> }[] }
    expect(index.manifests[0]?.annotations['io.containerd.image.name']).toBe('homeslice.local/x:1')
    const blob = execFileSync('tar', ['xOf', join(folder, 'a.tar'), `blobs/sha256/${layers[0]?.digest.slice(7)}`])
    const inside = execFileSync('tar', ['tvzf', '-', '--numeric-owner'], { input: blob, encoding: 'utf8' })
    expect(inside).toMatch(/-rwxr-xr-x 0\/0 .* 1970-01-01 .* bin\/true/u)
    expect(inside).toMatch(/lrwxrwxrwx 5\/6 .* etc\/link -> passwd/u)
  })

  it('is put together as its version says: whoever changes how counts that up', async () => {
    const layer: Layer = [
      { path: '/app', uid: 5, content: { kind: 'folder' } },
      { path: '/app/link', content: { kind: 'link', to: 'text' } },
      { path: '/app/text', gid: 6, mode: 0o600, content: { kind: 'text', text: 'some text '.repeat(1000) } },
    ]
    const { digest } = await write('pinned', 'pinned.tar', { ...recipe, layers: [layer], labels: { of: 'this' } })
    expect([writerVersion, digest]).toEqual([
      3,
      'sha256:56c9cd78ee201c1b56bd0f936acf55eb7e1aadf5deaa4901d67795d93a47e34d',
    ])
  })

  it('takes a layer that is kept, and makes one again that was damaged', async () => {
    const stored = await storeLayer(layer, cacheOf('kept'))
    const blob = join(cacheOf('kept'), 'blobs', stored.digest.slice(7))
    truncateSync(blob, 0)
    expect(await storeLayer(layer, cacheOf('kept'))).toEqual(stored)
    expect(readFileSync(blob).length).toBe(stored.bytes)
    for (const name of readdirSync(join(cacheOf('kept'), 'layers')))
      writeFileSync(join(cacheOf('kept'), 'layers', name), '{"half')
    expect(await storeLayer(layer, cacheOf('kept'))).toEqual(stored)
  })

  it('gathers a costly layer once', async () => {
    let gathered = 0
    const keyed = { key: 'costly', entries: () => Promise.resolve(((gathered += 1), layer)) }
    await storeLayer(keyed, cacheOf('keyed'))
    await storeLayer(keyed, cacheOf('keyed'))
    expect(gathered).toBe(1)
  })

  it('leaves nothing half-written when a file is missing', async () => {
    const missing: Recipe = {
      ...recipe,
      layers: [[{ path: '/x', content: { kind: 'file', from: join(folder, 'nowhere') } }]],
    }
    await expect(write('missing', 'missing.tar', missing)).rejects.toThrow('ENOENT')
    expect(readdirSync(folder).filter((name) => name.startsWith('missing.tar'))).toEqual([])
  })
})

describe('a place that cannot be written', () => {
  it('keeps what it has, with nothing half-written beside it', async () => {
    const place = join(folder, 'taken')
    mkdirSync(join(place, 'image.tar/inside'), { recursive: true })
    await expect(writeWhole(join(place, 'image.tar'), 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/u)
    await expect(write('taken-cache', 'taken/image.tar')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/u)
    expect(readdirSync(place)).toEqual(['image.tar'])
    expect(readdirSync(join(place, 'image.tar'))).toEqual(['inside'])
  })
})

describe('a place that takes no file', () => {
  it('is told as it is, and nothing waits for ever', async () => {
    const name = `${'x'.repeat(240)}.tar`
    await expect(write('long-cache', name)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
    expect(readdirSync(folder).filter((other) => other.startsWith('xxx'))).toEqual([])
  })
})

/** A limit on the size of files is the full disk that anybody may have. */
const onFullDisk = (script: string) =>
  run('sh', [
    '-c',
    `trap '' XFSZ; ulimit -f 1400; exec "$0" --input-type=module -e "$1"`,
    process.execPath,
    `import { writeImage } from ${JSON.stringify(join(import.meta.dirname, 'image.ts'))}; ${script}`,
  ])

describe('a disk that fills up', () => {
  it('in the middle of an image is told as it is, with nothing half-written', async () => {
    const target = { out: join(folder, 'full/image.tar'), reference: 'x:1', cache: cacheOf('full-cache') }
    const ended = await onFullDisk(`
      const { randomBytes } = await import('node:crypto')
      const layers = [1, 2, 3].map((name) => [{ path: '/' + name, content: { kind: 'text', text: randomBytes(600_000) } }])
      const recipe = { layers, entrypoint: ['/x'], user: '1:1' }
      await writeImage(recipe, ${JSON.stringify(target)}).catch((error) => console.log(error.code))
    `)
    expect(ended).toMatchObject({ code: 0, stdout: 'EFBIG\n', stderr: '' })
    expect(readdirSync(join(folder, 'full'))).toEqual([])
  })
})

describe('the services as they are', () => {
  it('each stay below 300 KB compressed', async () => {
    const services = await bundleServices(root)
    if (!services.ok) throw new Error(services.message)
    const sizes = Object.entries(services.bundles).map(([name, text]) => [name, gzipSync(text).length] as const)
    expect(sizes.filter(([, bytes]) => bytes > 300_000 || bytes < 1_000)).toEqual([])
  })
})

describe('the lock', () => {
  it('is in step with the sources', async () => {
    expect(await lockProblems(root)).toEqual([])
  })

  it('names images by what goes into them', async () => {
    const read = await readLock(root)
    if (!read.ok) throw new Error(read.message)
    expect(imageReferences(read.lock).clocktime).toMatch(/^homeslice\.local\/clocktime:[0-9a-f]{12}$/u)
    const { base } = read.lock
    const newer = (one: BaseLock): BaseLock => ({ ...one, node: { ...one.node, version: 'x' } })
    const tags = [
      tagOf('a', base),
      tagOf('b', base),
      tagOf('a', { ...base, amd64: newer(base.amd64) }),
      tagOf('a', { ...base, arm64: newer(base.arm64) }),
    ]
    expect(new Set(tags).size).toBe(4)
  })

  it('names images in a registry by digest once that is known, and elsewhere by tag', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const ours = { pushed: { tag: '0'.repeat(12), digest }, new: { tag: '1'.repeat(12) } }
    expect(imageReferences({ ours }, 'registry.test/home')).toEqual({
      pushed: `registry.test/home/pushed@${digest}`,
      new: 'registry.test/home/new:111111111111',
    })
    expect(imageReferences({ ours }).pushed).toBe('homeslice.local/pushed:000000000000')
  })

  it.each([
    ['missing', undefined, /cannot be read/u],
    ['half', '{"version":1', /cannot be read/u],
    ['other', '{"version":1}', /is not what it should be/u],
  ])('that is %s is told in a sentence', async (name, text, message) => {
    const at = join(folder, name)
    execFileSync('mkdir', ['-p', at])
    if (text !== undefined) writeFileSync(join(at, 'images.lock.json'), text)
    const read = await readLock(at)
    expect(read.ok ? '' : read.message).toMatch(message)
  })
})
