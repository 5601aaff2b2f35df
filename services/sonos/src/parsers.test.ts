import { fc, test } from '@fast-check/vitest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startPlaylistPage } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import { configOf, type Playlist, readConfig } from './config.ts'
import { commandOf } from './command.ts'
import { readPage, tracksOnPage } from './page.ts'
import { wayOf } from './path.ts'
import { keysOf, sameTracks } from './tracks.ts'

describe('the command', () => {
  it.each<[string, string[], Record<string, string>, object]>([
    ['by flags', ['serve', '--config', '/a', '--port', '81'], {}, { configPath: '/a', port: '81' }],
    [
      'by flags with =',
      ['s', '--config=/a', '--port=81'],
      { CONFIG_PATH: '/b', LISTEN_PORT: '82' },
      { configPath: '/a', port: '81' },
    ],
    [
      'by environment',
      ['serve'],
      { CONFIG_PATH: '/b', LISTEN_PORT: '82', PORT: '83' },
      { configPath: '/b', port: '82' },
    ],
    ['with the usual port', ['serve'], { CONFIG_PATH: '/b' }, { configPath: '/b', port: '8000' }],
    [
      'by the port of every service',
      ['serve'],
      { CONFIG_PATH: '/b', LISTEN_PORT: '', PORT: '83' },
      { configPath: '/b', port: '83' },
    ],
  ])('is understood %s', (_, args, env, command) => {
    expect(commandOf({ args, env })).toEqual({ ok: true, ...command })
  })

  it.each([['70000'], ['x'], ['-1']])('refuses %s as a port', (port) => {
    expect(commandOf({ args: ['serve', `--port=${port}`], env: { CONFIG_PATH: '/a' } })).toMatchObject({
      ok: false,
      exit: 1,
    })
  })
})

describe('the command refuses', () => {
  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['nothing', [], { CONFIG_PATH: '/a' }, /^usage: sonos serve/u],
    ['another word', ['sing'], { CONFIG_PATH: '/a' }, /^usage/u],
    ['a flag that is none', ['serve', '--loud'], { CONFIG_PATH: '/a' }, /^usage/u],
    ['no config', ['serve'], {}, /set CONFIG_PATH/u],
  ])('%s', (_, args, env, says) => {
    expect(commandOf({ args, env })).toEqual({ ok: false, exit: 1, message: expect.stringMatching(says) as string })
  })
})

describe('the config', () => {
  it('that is not there says so', () => {
    const message = expect.stringMatching(/^\/nowhere\/a cannot be read: /u) as string
    expect(readConfig('/nowhere/a')).toEqual({ ok: false, exit: 1, message })
  })

  it.each([
    ['a list', [], /holds no settings/u],
    ['no coordinator', {}, /coordinator must be the address of a speaker/u],
  ])('that is %s is refused', (_, content, says) => {
    expect(configOf(content, 'f')).toMatchObject({ ok: false, message: expect.stringMatching(says) as string })
  })

  const station = { id: 'a', name: 'A', uri: 'https://x' }
  it('has lower ids, no speaker twice, and ignores what it does not know', () => {
    expect(
      configOf(
        {
          colour: 'red',
          coordinator: '192.0.2.1',
          players: ['192.0.2.2', '192.0.2.1', '192.0.2.2'],
          playlists: null,
          stations: [
            { ...station, id: 'A-b_1' },
            { ...station, id: 7, volume: null },
          ],
        },
        'f',
      ),
    ).toEqual({
      ok: true,
      coordinator: '192.0.2.1',
      players: ['192.0.2.2'],
      strictPause: false,
      curations: new Map([
        ['a-b_1', { kind: 'station', id: 'a-b_1', name: 'A', uri: 'https://x', words: false }],
        ['7', { kind: 'station', id: '7', name: 'A', uri: 'https://x', words: false }],
      ]),
    })
  })

  it.each<[object, RegExp]>([
    [{ players: 'x' }, /players must be a list/u],
    [{ players: ['a b'] }, /players must be a list of addresses; "a b" is none/u],
    [{ stations: {} }, /stations must be a list/u],
    [{ stations: [null] }, /station 1 is none/u],
    [{ stations: [{ ...station, id: 'a b' }] }, /has no id of letters/u],
    [{ stations: [{ ...station, name: 7 }] }, /has a name that is no text/u],
    [{ stations: [{ ...station, volume: 101 }] }, /has a volume that is not from 0 to 100/u],
    [{ stations: [{ ...station, volume: 'loud' }] }, /has a volume/u],
    [{ stations: [{ id: 'a' }] }, /has no uri/u],
    [{ stations: [station, { ...station, id: 'A' }] }, /two curations have the id "a"/u],
    [{ playlists: [{ id: 'a', share_link: 'https://music.apple.com/' }] }, /has no share_link/u],
    [{ playlists: [{ id: 'a' }] }, /has no share_link/u],
  ])('refuses %j', (more, says) => {
    const config = configOf({ coordinator: '192.0.2.1', ...more }, 'f')
    expect(config).toEqual({ ok: false, exit: 1, message: expect.stringMatching(says) as string })
  })

  test.prop([fc.anything()])('of any shape is read or refused, never a throw', (content) => {
    configOf(content, 'f')
    configOf({ coordinator: 'a', playlists: content, stations: [content], players: content }, 'f')
  })
})

describe('a page', () => {
  const wrap = (data: unknown, quote = '"'): string =>
    `<script type="application/json" id=${quote}serialized-server-data${quote}>${JSON.stringify(data)}</script>`
  const document = {
    data: {
      sections: [
        { itemKind: 'other', items: [{ title: 'no' }] },
        {
          itemKind: 'trackLockup',
          items: [{ title: 't', subtitleLinks: [{ title: 'a' }], tertiaryLinks: [{ title: 'b' }] }, {}, { title: 'u' }],
        },
      ],
    },
  }
  it.each([
    ['a list', [document]],
    ['an object with a list', { data: [document] }],
  ])('is read as %s', (_, data) => {
    expect(tracksOnPage(wrap(data))).toEqual({ ok: true, tracks: ['b|a|t', '||u'] })
    expect(tracksOnPage(wrap(data, "'"))).toEqual({ ok: true, tracks: ['b|a|t', '||u'] })
  })

  it.each([
    ['nothing', ''],
    ['no end of it', wrap([document]).slice(0, -9)],
    ['no data', '<script id="serialized-server-data"'],
    ['data that is none', '<script id="serialized-server-data">{</script>'],
    ['null', wrap(null)],
    ['no tracks', wrap({ data: [{ data: { sections: [] } }] })],
    ['sections that are none', wrap({ data: [{ data: { sections: 7 } }, 8, null] })],
  ])('that holds %s tells no tracks', (_, html) => {
    expect(tracksOnPage(html).ok).toBe(false)
  })

  test.prop([fc.jsonValue()])('of any data never throws', (data) => {
    tracksOnPage(wrap(data))
    tracksOnPage(wrap([{ data: { sections: [{ itemKind: 'trackLockup', items: data }, data] } }]))
    tracksOnPage(wrap({ data }))
  })

  test.prop([fc.string({ unit: 'binary' })])('of any text never throws', (text) => {
    tracksOnPage(text)
    tracksOnPage(`<script id="serialized-server-data">${text}</script>`)
  })

  it.each(['<script ', 'id="serialized-server-data"', '<script id="serialized-server-data">[', '{"a":'])(
    'of a megabyte of %j does not hold the service up',
    (piece) => {
      expect(tracksOnPage(piece.repeat(Math.ceil(1_000_000 / piece.length))).ok).toBe(false)
    },
  )

  it.each([
    ['silent', /cannot be read: .*(abort|timeout)/u],
    ['dribble', /cannot be read: .*(abort|timeout)/u],
    ['vanish', /cannot be read: /u],
    ['huge', /is longer than any page of a playlist/u],
    ['error', /answered 500/u],
    ['garbage', /carries no data/u],
  ] as const)('that is %s tells no tracks, in time', async (fault, says) => {
    const port = await freePort()
    const apple = await startPlaylistPage({ name: 'apple', host: '127.0.0.1', port })
    onTestFinished(() => apple.stop())
    await apple.setFault(fault)
    const playlist = { id: 'a', page: '/us/playlist/a/b' } as Playlist
    const stop = AbortSignal.timeout(fault === 'silent' || fault === 'dribble' ? 500 : 15_000)
    const listed = await readPage(`http://127.0.0.1:${port}`, playlist, stop)
    expect(listed).toEqual({ ok: false, reason: expect.stringMatching(says) as string })
  })

  it('that is not there says so', async () => {
    const playlist = { id: 'a', page: '/us/playlist/a/b' } as Playlist
    const listed = await readPage('http://127.0.0.1:1', playlist, new AbortController().signal)
    expect(listed).toEqual({
      ok: false,
      reason: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/us.* cannot be read/u) as string,
    })
  })
})

describe('tracks', () => {
  const track = { uri: 'x-sonos-http:song%3a1.mp4', title: 't', artist: 'a', album: 'b' }
  it('of other services match nothing', () => {
    expect(keysOf([{ ...track, uri: 'x-sonos-spotify:1' }, track])).toEqual(['b|a|t', 'x-sonos-spotify:1'])
  })
  test.prop([fc.array(fc.constantFrom('a', 'b', 'c'))])('are the same in any order, each as often', (keys) => {
    const queue = keys.map((title) => ({ ...track, title }))
    expect(sameTracks(keysOf(queue), keysOf(queue.toReversed()))).toBe(true)
    expect(sameTracks(keysOf(queue), keysOf([...queue, track]))).toBe(false)
  })
})

describe('the way of a request', () => {
  it.each([
    ['/curations/a/play', { parts: ['curations', 'a', 'play'] }],
    ['/api/v0/sonos/curations/a/play?x', { parts: ['curations', 'a', 'play'] }],
    ['/api/v0/sonosx/a', { parts: ['api', 'v0', 'sonosx', 'a'] }],
    ['http://house/curations/a%2Fb/play', { parts: ['curations', 'a/b', 'play'] }],
    ['/%ff', { parts: ['%ff'] }],
    ['/', { parts: [''] }],
    ['/a/', { parts: ['a', ''] }],
    ['/a/..', { redirect: '/' }],
    ['/a/../', { redirect: '/' }],
    ['/../../a?b=//', { redirect: '/a?b=//' }],
    ['', { redirect: '/' }],
  ])('%s', (target, way) => {
    expect(wayOf(target)).toEqual(way)
  })

  test.prop([fc.array(fc.constantFrom('/', '.', '..', 'a', '\\', '%2e', '?', '//'))])(
    'a redirect ends where it leads, in this house',
    (pieces) => {
      const way = wayOf(`/${pieces.join('')}`)
      if (!('redirect' in way)) return
      expect(way.redirect).toMatch(/^\/(?![/\\])/u)
      expect('parts' in wayOf(way.redirect)).toBe(true)
    },
  )
})
