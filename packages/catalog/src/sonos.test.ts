import { describe, expect, it } from 'vitest'
import { house, simulated, textAt } from './house.testing.ts'
import { type House, type HouseDevice, sonos } from './index.ts'

describe('sonos', () => {
  const speakers = {
    ...house,
    devices: ['kitchen', 'den'].map((name, index): HouseDevice => ({
      name,
      kind: 'sonos',
      address: `192.0.2.3${index}`,
      simulate: false,
    })),
  }
  const written = {
    playlists: [{ id: 'dinner', shareLink: 'https://music.apple.com/us/playlist/dinner/pl.one', volume: 0 }],
    stations: [{ id: 'groove', name: 'Groove Salad', uri: 'https://radio.example/groove', statusWords: true }],
  }
  const fileOf = (more: object, place: House) => {
    const { args, env, files } = sonos.wire(sonos.settings.parse({ ...written, ...more }), place)
    expect([args, env, Object.keys(files)]).toEqual([
      ['serve'],
      { CONFIG_PATH: '/etc/sonos/config.yaml' },
      [env.CONFIG_PATH],
    ])
    return JSON.parse(textAt(files, '/etc/sonos/config.yaml')) as unknown
  }

  it('gets its speakers and what they play as the file that the original read', () => {
    expect(fileOf({}, speakers)).toEqual({
      kind: 'gosonos/v1',
      coordinator: '192.0.2.30',
      players: ['192.0.2.31'],
      playlists: [
        { id: 'dinner', name: '', volume: 0, share_link: 'https://music.apple.com/us/playlist/dinner/pl.one' },
      ],
      stations: [{ id: 'groove', name: 'Groove Salad', uri: 'https://radio.example/groove', status_words: true }],
    })
    expect(sonos.calls(sonos.settings.parse({}))).toEqual([])
  })

  it('has the coordinator that it is told', () => {
    expect(fileOf({ coordinator: 'den', strictPause: true }, speakers)).toMatchObject({
      coordinator: '192.0.2.31',
      players: ['192.0.2.30'],
      strict_pause: true,
    })
    expect(fileOf({}, { ...house, devices: [] })).toMatchObject({ coordinator: '', players: [] })
  })

  it('asks the page of a playlist what is on it, or the simulator of that page', () => {
    const settings = sonos.settings.parse(written)
    expect(sonos.clouds?.(settings)).toEqual([{ kind: 'playlist-page' }])
    expect(sonos.clouds?.(sonos.settings.parse({}))).toEqual([])
    expect(sonos.wire(settings, simulated).env.PLAYLIST_BASE_URL).toBe('http://page.test:8080')
  })

  it.each([
    ['the first speaker leads', {}, speakers, []],
    ['one of the speakers leads', { coordinator: 'den' }, speakers, []],
    ['another leads', { coordinator: 'attic' }, speakers, ['there is no speaker "attic" among its devices']],
    ['there is none', {}, { ...house, devices: [] }, ['it needs a speaker to play on']],
  ])('is checked: %s', (_, chosen, place, said) => {
    expect(sonos.check?.(sonos.settings.parse(chosen), place).map(({ message }) => message)).toEqual(said)
  })

  it.each([
    { stations: [{ id: 'a b', uri: 'https://x' }] },
    { stations: [{ id: 'a', uri: '' }] },
    { stations: [{ id: 'a', uri: 'x', volume: 101 }] },
    { playlists: [{ id: 'a', shareLink: 'https://example.com/a' }] },
  ])('refuses %j', (wrong) => {
    expect(sonos.settings.safeParse(wrong).success).toBe(false)
  })
})
