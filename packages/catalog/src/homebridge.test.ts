import { describe, expect, it } from 'vitest'
import { house, textAt } from './house.testing.ts'
import { homebridge, type House, type HouseDevice } from './index.ts'

describe('homebridge', () => {
  const device = (name: string): HouseDevice => ({ name, kind: 'kasa', address: '192.0.2.20', simulate: false })
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
    return JSON.parse(textAt(files, args[0])) as { bridge: object; accessories: Record<string, string>[] }
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

  it('keeps its pairing on a volume, and is on the network of its node', () => {
    expect(homebridge.data).toEqual({ '/homebridge': '256Mi' })
    expect(homebridge.host?.(homebridge.settings.parse({}))).toMatchObject({ network: true })
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
