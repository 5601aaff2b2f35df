import { describe, expect, it } from 'vitest'
import { house, houseWith, simulated } from './house.testing.ts'
import { chime, type House, type HouseDevice } from './index.ts'

const kitchen: HouseDevice = { name: 'kitchen', kind: 'sonos', address: '192.0.2.30', simulate: false }
const den: HouseDevice = { name: 'den', kind: 'sonos', address: 'den.test', simulate: true }
const tea = { title: 'Tea time!', sound: 'tea.mp3', schedule: '20 16 * * *', zones: ['kitchen', 'den'], volume: 25 }
const settingsOf = (written: object) => chime.settings.parse(written)

describe('chimes', () => {
  it('are a run for each chime and zone, beside the server of the sounds', () => {
    const settings = settingsOf({ address: 'http://192.0.2.10', chimes: [tea] })
    const { args, env, jobs } = chime.wire(settings, houseWith(kitchen, den))
    expect([args, env]).toEqual([['serve-sounds', '/var/lib/chime'], { CHIME_STATE_FOLDER: '/var/lib/chime/state' }])
    expect(chime.host?.(settings)).toBeUndefined()
    expect(jobs).toEqual([
      {
        name: 'tea-time-kitchen',
        schedule: '20 16 * * *',
        args: ['192.0.2.30', 'Tea time!', 'http://192.0.2.10/api/v0/chime/tea.mp3', '--player-volume', '25'],
      },
      {
        name: 'tea-time-den',
        schedule: '20 16 * * *',
        args: ['den.test', 'Tea time!', 'http://own.casa-prod-own.svc/api/v0/chime/tea.mp3', '--player-volume', '25'],
      },
    ])
    expect(chime.check?.(settings, houseWith(kitchen, den))).toEqual([])
    expect(chime.calls(settings)).toEqual([])
  })

  it('can play what is elsewhere', () => {
    const settings = settingsOf({ chimes: [{ ...tea, sound: 'https://example.com/a.mp3', zones: ['kitchen'] }] })
    const { jobs } = chime.wire(settings, houseWith(kitchen))
    expect(jobs?.map(({ args }) => args[2])).toEqual(['https://example.com/a.mp3'])
    expect(chime.check?.(settings, houseWith(kitchen))).toEqual([])
  })

  it('can have their sounds in a folder of the node, but where that is simulated', () => {
    const settings = settingsOf({ folder: '/srv/sounds' })
    expect(chime.host?.(settings)).toEqual({ folders: { '/sounds': '/srv/sounds' }, because: 'the sounds lie there' })
    const folderIn = (place: House) => chime.wire(settings, place).args
    expect([folderIn(house), folderIn(simulated)]).toEqual([
      ['serve-sounds', '/sounds'],
      ['serve-sounds', '/var/lib/chime'],
    ])
  })

  it('need their speakers, and an address for real ones', () => {
    const settings = settingsOf({ chimes: [{ ...tea, zones: ['kitchen', 'attic'] }] })
    expect(chime.check?.(settings, houseWith(kitchen))).toEqual([
      {
        path: ['chimes', 0, 'zones', 1],
        message: 'there is no speaker "attic" among its devices',
        fix: 'add it beside settings: devices: [kitchen, attic]',
      },
      {
        path: [],
        message: 'speakers fetch the sounds from this home, and `address` does not say where that is',
        fix: 'add address: http://192.0.2.10, with the address of the cluster on the LAN',
      },
    ])
    expect(chime.wire(settings, houseWith(kitchen)).jobs?.[0]?.args[2]).toMatch(/^http:\/\/own\./u)
  })

  it.each([
    { address: 'https://192.0.2.10' },
    { address: 'http://192.0.2.10/sounds' },
    { chimes: [{ ...tea, zones: [] }] },
    { chimes: [{ ...tea, sound: '../key.mp3' }] },
    { chimes: [{ ...tea, sound: 'tea.wav' }] },
    { chimes: [{ ...tea, volume: 101 }] },
  ])('refuse %j', (written) => {
    expect(chime.settings.safeParse(written).success).toBe(false)
  })
})
