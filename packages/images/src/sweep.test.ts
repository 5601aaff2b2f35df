import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { Store } from './store.ts'
import { sweepCache } from './sweep.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-sweep-'))
afterAll(() => rmSync(folder, { recursive: true }))

const cache = (name: string, files: Readonly<Record<string, number>>): string => {
  for (const [file, days] of Object.entries(files)) {
    const path = join(folder, name, file)
    const then = Date.now() / 1000 - days * 24 * 3600
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, file)
    utimesSync(path, then, then)
  }
  return join(folder, name)
}
const left = async (files: Readonly<Record<string, number>>, named: readonly string[] = []): Promise<string[]> => {
  const place = cache('one', files)
  await sweepCache(place, named)
  const there = Object.keys(files).filter((file) => existsSync(join(place, file)))
  rmSync(place, { recursive: true, force: true })
  return there
}

describe('a cache', () => {
  it('loses images of ours after a day, and all else after two weeks without use', async () => {
    const kept = {
      'images/buttons-00000000000a.tar': 0.9,
      'images/traefik-00000000000b.tar': 13,
      'images/traefik-00000000000b.digest': 13,
      'blobs/c': 13,
      'layers/base-d.json': 13,
      'images/layers/e.json': 0,
      'debian/libc6.deb': 1000,
      'bin/traefik-00000000000b/traefik': 1000,
    }
    const gone = {
      'images/buttons-00000000000f.tar': 1.1,
      'images/buttons-00000000000f.json': 1.1,
      'images/traefik-000000000010.tar': 15,
      'images/doorbell-000000000011.tar': 15,
      'images/blobs/12': 15,
      'blobs/13': 15,
      'blobs/13.3f0e9f0a-half': 15,
      'layers/14.json': 15,
    }
    expect(await left({ ...kept, ...gone })).toEqual(Object.keys(kept))
  })

  it('keeps what is named, whatever its clock says', async () => {
    const files = { 'images/buttons-00000000000a.tar': 9000, 'images/buttons-00000000000b.tar': 9000 }
    expect(await left(files, ['buttons-00000000000a'])).toEqual(['images/buttons-00000000000a.tar'])
  })

  it('that is not there needs nothing', async () => {
    await sweepCache(join(folder, 'nowhere'), [])
    expect(existsSync(join(folder, 'nowhere'))).toBe(false)
  })

  it('keeps what others use at this very moment, whoever comes first', async () => {
    const counts = { kept: 0, gone: 0 }
    for (let round = 0; round < 300; round += 1) {
      const place = cache('busy', { 'blobs/a': 15 })
      const store = new Store(place)
      const sweeps = [sweepCache(place, []), sweepCache(place, [])]
      for (let wait = round % 12; wait > 0; wait -= 1) await turn()
      const used = await store.use('blobs/a')
      await Promise.all(sweeps)
      expect(existsSync(store.path('blobs/a'))).toBe(used)
      counts[used ? 'kept' : 'gone'] += 1
    }
    expect(Math.min(counts.kept, counts.gone)).toBeGreaterThan(0)
  })
})
