import { describe, expect, it } from 'vitest'
import { buttons, catalog, clocktime, homebridge, type House, operationFor, switches } from './index.ts'

const house: House = {
  timezone: 'Europe/Lisbon',
  devices: [
    { name: 'porch', kind: 'kasa', address: '192.0.2.20' },
    { name: 'tv', kind: 'kasa', address: '192.0.2.22', child: '1' },
    { name: 'lamp', kind: 'wemo', address: 'device-lamp.casa-prod-device-lamp.svc' },
  ],
  urlOf: (service) => `http://${service}.casa-prod-${service}.svc`,
}
const entries = [...catalog.values()].map((entry) => [entry.name, entry] as const)

describe.each(entries)('the entry of %s', (name, entry) => {
  it('is found by its name, and works as it is', () => {
    expect(catalog.get(name)).toBe(entry)
    const settings = entry.settings.parse({})
    expect(Object.values(entry.wire(settings, house).env).every((value) => value !== '')).toBe(true)
  })

  it('refuses settings that it does not know', () => {
    expect(entry.settings.safeParse({ colour: 'red' }).success).toBe(false)
  })

  it('says what each path of its route answers', () => {
    for (const path of entry.paths) {
      expect(path).toMatch(/^\/api\/v0\/[a-z]+\/$/u)
      expect(entry.contract.some((operation) => operation.path === '*' || operation.path.startsWith(path))).toBe(true)
    }
  })

  it('says for each answer when it comes, and what it holds', () => {
    for (const { path, summary, replies } of entry.contract) {
      expect([path, summary]).toEqual([path, expect.stringMatching(/^[A-Z].*\.$/u) as string])
      expect(new Set(replies.map(({ status }) => status)).size).toBeGreaterThan(0)
      for (const { status, body, when } of replies) {
        expect(when).not.toBe('')
        // Text in an error could be read as a state by clients that look at the body alone.
        expect(status < 400 || body === undefined, `${path} ${status}`).toBe(true)
        expect(() => new RegExp(body ?? '', 'u')).not.toThrow()
      }
    }
  })

  it('leaves no request without an answer', () => {
    for (const method of ['GET', 'POST', 'HEAD', 'BREW'])
      for (const path of ['/', '/api/v0/x', '/api/v0/switches/a/on/'])
        expect(operationFor(entry.contract, { method, path })).toBeDefined()
  })
})

describe('clocktime', () => {
  it.each([
    ['the timezone of the home', {}, 'Europe/Lisbon'],
    ['a place of its own', { location: 'Asia/Tokyo' }, 'Asia/Tokyo'],
  ])('is wired with %s', (_, written, LOCATION) => {
    const settings = clocktime.settings.parse(written)
    expect(clocktime.wire(settings, house)).toEqual({ args: [], env: { LOCATION }, files: {} })
    expect(clocktime.calls(settings)).toEqual([])
  })

  it.each(['Europe/Lisbonn', '+01:00', ''])('refuses %j as its place', (location) => {
    expect(clocktime.settings.safeParse({ location }).success).toBe(false)
  })
})

describe('buttons', () => {
  it.each([
    [{}, 'http://clocktime.casa-prod-clocktime.svc', '128', ['clocktime']],
    [{ clocktime: 'clock', size: 5 }, 'http://clock.casa-prod-clock.svc', '5', ['clock']],
  ])('%j are wired to the clock they call', (written, CLOCKTIME_URL, BUTTONS_SIZE, calls) => {
    const settings = buttons.settings.parse(written)
    expect(buttons.wire(settings, house)).toEqual({ args: [], env: { CLOCKTIME_URL, BUTTONS_SIZE }, files: {} })
    expect(buttons.calls(settings)).toEqual(calls)
  })

  it.each([{ size: 0 }, { size: 1.5 }, { size: 100_001 }, { clocktime: '' }])('refuse %j', (written) => {
    expect(buttons.settings.safeParse(written).success).toBe(false)
  })
})

describe('switches', () => {
  it('get their devices as the file that the original read', () => {
    const settings = switches.settings.parse({})
    const { args, env, files } = switches.wire(settings, house)
    expect([args, env, Object.keys(files)]).toEqual([['/etc/switches/switches.json'], {}, args])
    expect(JSON.parse(files[args[0]!]!)).toEqual([
      { id: 'porch', kind: 'kasa/v1', name: 'porch', address: '192.0.2.20' },
      { id: 'tv', kind: 'kasa/v1', name: 'tv', address: '192.0.2.22', child: '1' },
      { id: 'lamp', kind: 'wemo/v1', name: 'lamp', address: 'device-lamp.casa-prod-device-lamp.svc' },
    ])
    expect(switches.calls(settings)).toEqual([])
  })

  it('answer OK whatever happened, where that is asked for', () => {
    const settings = switches.settings.parse({ alwaysOk: true })
    expect(switches.wire(settings, house).env).toEqual({ SWITCHES_ALWAYS_OK: '1' })
  })
})

describe('homebridge', () => {
  const device = (name: string) => ({ name })
  const needed = (name: string, entry: string, more: object = {}) => ({
    name,
    entry,
    settings: {},
    devices: [],
    url: `http://${name}.svc`,
    ...more,
  })
  const configOf = (written: object, needs?: House['needs']) => {
    const { args, files } = homebridge.wire(homebridge.settings.parse(written), {
      ...house,
      ...(needs === undefined ? {} : { needs }),
    })
    return JSON.parse(files[args[0]!]!) as { bridge: object; accessories: Record<string, string>[] }
  }
  const urls = ({ on_url, off_url, status_url }: Record<string, string>) => [on_url, off_url, status_url]
  const curations = {
    playlists: [{ id: 'mega', name: 'Mega mix' }],
    stations: [{ id: 'groove-salad', name: '' }],
  }

  it('shows what its neighbours can do, each by its own paths', () => {
    const { accessories } = configOf({ buttons: ['guest room'] }, [
      needed('lights', 'switches', { devices: [device('living-room'), device('lamp')] }),
      needed('sonos', 'sonos', { settings: curations }),
      needed('kettle', 'lmz'),
      needed('buttons', 'buttons'),
      needed('clocktime', 'clocktime'),
      needed('mine', 'constructor'),
    ])
    expect(accessories.map((one) => [one.name, one.http_method, one.uuid_base, ...urls(one)])).toEqual([
      [
        'Living room',
        'POST',
        'lights/living-room',
        ...['on/', 'off/', 'status/'].map((word) => `http://lights.svc/api/v0/switches/living-room/${word}`),
      ],
      [
        'Lamp',
        'POST',
        'lights/lamp',
        ...['on/', 'off/', 'status/'].map((word) => `http://lights.svc/api/v0/switches/lamp/${word}`),
      ],
      [
        'Mega mix',
        'POST',
        'sonos/mega',
        ...['play', 'pause', 'status'].map((word) => `http://sonos.svc/api/v0/sonos/curations/mega/${word}`),
      ],
      [
        'Groove salad',
        'POST',
        'sonos/groove-salad',
        ...['play', 'pause', 'status'].map((word) => `http://sonos.svc/api/v0/sonos/curations/groove-salad/${word}`),
      ],
      [
        'Kettle',
        'GET',
        'kettle/kettle',
        ...['ON', 'OFF', 'STATUS'].map((word) => `http://kettle.svc/api/v0/lmz/${word}`),
      ],
      [
        'Guest room',
        'POST',
        'buttons/guest room',
        ...['on/', 'off/', ''].map((word) => `http://buttons.svc/api/v0/buttons/guest%20room/${word}`),
      ],
    ])
    expect(accessories.map(({ status_on, status_off }) => [status_on, status_off]).at(-1)).toEqual(['ON', 'OFF'])
    expect(accessories.filter(({ status_on }) => status_on !== undefined)).toHaveLength(1)
  })

  it('keeps who an accessory is, whatever it is called', () => {
    const needs = [needed('switches', 'switches', { devices: [device('porch')] })]
    const [accessory] = configOf({ names: { porch: 'Front' }, formerly: { porch: 'Torch' } }, needs).accessories
    expect(accessory).toMatchObject({ name: 'Front', uuid_base: 'Torch' })
  })

  it('shows a dead device as people want it', () => {
    const needs = [needed('switches', 'switches', { devices: [device('porch')] })]
    expect(configOf({}, needs).accessories[0]).toMatchObject({ errors: 'no-response' })
    expect(configOf({ deadDevices: 'off' }, needs).accessories[0]).toMatchObject({ errors: 'ignore' })
  })

  it('announces its bridge where it is told', () => {
    expect(homebridge.calls(homebridge.settings.parse({}))).toEqual([])
    expect(configOf({}).bridge).toEqual({ name: 'Homeslice', port: 51_826 })
    expect(configOf({ bridge: 'Casa', port: 5000, bind: ['eth0'] }).bridge).toEqual({
      name: 'Casa',
      port: 5000,
      bind: ['eth0'],
    })
  })

  it('shows no curation of settings that it cannot read', () => {
    expect(configOf({}, [needed('sonos', 'sonos', { settings: { playlists: 7 } })]).accessories).toEqual([])
  })
})

describe('the operation that counts', () => {
  const at = (method: string, path: string) => {
    const operation = operationFor(switches.contract, { method, path })
    return operation && `${String(operation.methods)} ${operation.path}`
  }
  it.each([
    ['POST', '/api/v0/switches/porch/on/', 'POST /api/v0/switches/{id}/{operation}/'],
    ['POST', '/api/v0/switches/porch/on/?now', 'POST /api/v0/switches/{id}/{operation}/'],
    ['GET', '/api/v0/switches/porch/status/', 'GET /api/v0/switches/{id}/status/'],
    ['GET', '/api/v0/switches/porch/', 'GET /api/v0/switches/{id}/'],
    ['GET', '/api/v0/switches/porch/on/', 'any *'],
    ['POST', '/api/v0/switches/porch/on', 'POST *'],
    ['PUT', '/api/v0/switches/porch/on/', 'any *'],
  ])('%s %s', (method, path, found) => {
    expect(at(method, path)).toBe(found)
  })

  it('is none where a contract says nothing', () => {
    expect(operationFor([], { method: 'GET', path: '/' })).toBeUndefined()
  })
})
