import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { withoutRights } from '@homeslice/testing'
import { prepareConfig } from './config.ts'
import { newIdentity } from './identity.ts'

const root = mkdtempSync(join(tmpdir(), 'homeslice-homebridge-config-'))
afterAll(() => rmSync(root, { recursive: true }))
let folder = ''
let turn = 0
beforeEach(() => {
  turn += 1
  folder = join(root, String(turn))
  mkdirSync(folder)
})
const write = (name: string, value: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}
const kept = (): unknown => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
const wanted = { bridge: { name: 'Casa', port: 51_826 }, accessories: [{ accessory: 'Http', name: 'Porch' }] }
const identity = { username: 'CC:22:3D:E3:CE:30', pin: '031-45-154', setupID: 'A1B2' }

describe('the config of a bridge', () => {
  it('gets an identity of its own, and keeps it', () => {
    const path = write('wanted.json', wanted)
    const first = prepareConfig(folder, path)
    expect(first).toMatchObject({ ok: true, isOurs: true, config: kept() })
    expect(kept()).toMatchObject({
      ...wanted,
      bridge: {
        ...wanted.bridge,
        username: expect.stringMatching(/^[0-9A-F][26AE](:[0-9A-F]{2}){5}$/u) as string,
        pin: expect.stringMatching(/^\d{3}-\d{2}-\d{3}$/u) as string,
        setupID: expect.stringMatching(/^[A-Z0-9]{4}$/u) as string,
      },
    })
    expect(prepareConfig(folder, path)).toEqual(first)
  })

  it('takes over the identity that an older Homebridge left, and nothing else of it', () => {
    write('config.json', { bridge: { name: 'Old', port: 1, ...identity }, accessories: [{ name: 'gone' }], old: true })
    prepareConfig(folder, write('wanted.json', { ...wanted, disabledPlugins: ['homebridge-x'] }))
    expect(kept()).toEqual({
      ...wanted,
      bridge: { ...wanted.bridge, ...identity },
      disabledPlugins: ['homebridge-x', 'homebridge-http'],
    })
  })

  it('is announced at the one address where its program may listen', () => {
    prepareConfig(folder, write('wanted.json', wanted), '127.0.0.1')
    expect(kept()).toMatchObject({ bridge: { name: 'Casa', bind: ['127.0.0.1'] } })
  })

  it('is left as it stands where none is wanted', () => {
    const text = JSON.stringify({ bridge: identity, accessories: [], platforms: [{ platform: 'config' }] })
    write('config.json', text)
    expect(prepareConfig(folder, undefined)).toMatchObject({ ok: true, isOurs: false, config: JSON.parse(text) })
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(text)
  })

  it.each([
    ['there is none at all', undefined, undefined, /there is no .*config\.json; put one there/u],
    ['the one wanted is not there', 'nowhere.json', undefined, /there is no .*nowhere\.json$/u],
    ['the one wanted is half', 'wanted.json', '{"bridge":', /wanted\.json cannot be read: /u],
    ['the one wanted is a list', 'wanted.json', '[]', /is no configuration of Homebridge/u],
    ['its bridge is a word', 'wanted.json', '{"bridge":"x"}', /is no configuration of Homebridge/u],
    ['an accessory is a word', 'wanted.json', '{"accessories":["x"]}', /is no configuration of Homebridge/u],
    ['its accessories are no list', 'wanted.json', '{"accessories":{}}', /is no configuration of Homebridge/u],
  ])('is refused where %s', (_, name, text, message) => {
    if (name !== undefined && text !== undefined) write(name, text)
    expect(prepareConfig(folder, name === undefined ? undefined : join(folder, name))).toEqual({
      ok: false,
      exit: 2,
      message: expect.stringMatching(message) as string,
    })
  })

  it('is refused where the one that is kept cannot be read: its identity would be lost', () => {
    const path = write('wanted.json', wanted)
    write('config.json', '{"bridge"')
    expect(prepareConfig(folder, path)).toMatchObject({ ok: false, message: /config\.json cannot be read/u })
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('{"bridge"')
  })

  it('is refused where the folder cannot be written', async () => {
    const path = write('wanted.json', wanted)
    chmodSync(root, 0o755)
    const prepared = await withoutRights(async () => prepareConfig(folder, path))
    expect(prepared).toMatchObject({ ok: false, message: /cannot be written: EACCES.*the pairing is kept there/u })
  })
})

describe('an identity', () => {
  it('is unlike any other, and its code is none that HomeKit refuses', () => {
    const many = Array.from({ length: 200 }, newIdentity)
    for (const key of ['username', 'pin'] as const) expect(new Set(many.map((one) => one[key])).size).toBe(200)
  })
})
