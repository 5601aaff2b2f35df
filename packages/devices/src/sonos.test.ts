import { fc, test } from '@fast-check/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type SonosHousehold, type SonosSimulator, startSonosHousehold } from '@homeslice/simulators'
import type { Player } from './player.ts'
import { sonosPlayer } from './sonos/client.ts'
import { applePlaylistItem, describedBy, soundItem, stationItem, tracksIn } from './sonos/didl.ts'
import { actionHeader, envelope, parseFault, parseReply } from './sonos/soap.ts'
import { groupsIn } from './sonos/topology.ts'
import { escapeXml, parseXml, unescapeXml } from './sonos/xml.ts'

const soon = (): AbortSignal => AbortSignal.timeout(10_000)
const hosts = { kitchen: '127.0.12.11', living: '127.0.12.12' } as const
const kitchen = sonosPlayer({ name: 'kitchen', host: hosts.kitchen })
const living = sonosPlayer({ name: 'living', host: hosts.living })
const yes = { ok: true, value: true }
let time = 0
let household: SonosHousehold
let speaker: SonosSimulator
let follower: SonosSimulator
beforeAll(async () => {
  household = await startSonosHousehold(
    [
      { name: 'Kitchen <&> "1"', host: hosts.kitchen },
      { name: 'Living', host: hosts.living },
    ],
    () => time,
  )
  ;[speaker, follower] = household.speakers as [SonosSimulator, SonosSimulator]
})
afterAll(() => household.stop())

describe('our client and a simulated household', () => {
  it('knows a speaker by its name for others', async () => {
    expect(await kitchen.uid(soon())).toEqual({ ok: true, value: speaker.uid })
    const { calls } = speaker.state()
    expect(await kitchen.uid(soon())).toEqual({ ok: true, value: speaker.uid })
    expect(speaker.state().calls).toBe(calls)
  })

  it('plays a playlist', async () => {
    expect(await kitchen.clearQueue(soon())).toEqual(yes)
    expect(await kitchen.enqueue(applePlaylistItem('pl.one'), soon())).toEqual(yes)
    expect(await kitchen.setPlayMode('SHUFFLE', soon())).toEqual(yes)
    expect(await kitchen.setMediaToQueue(soon())).toEqual(yes)
    expect(await kitchen.seekTrack(1, soon())).toEqual(yes)
    expect(await kitchen.play(soon())).toEqual(yes)
    const queue = await kitchen.queue(soon())
    expect(queue).toMatchObject({
      ok: true,
      value: [
        {
          uri: 'x-sonos-http:song%3aplone1.mp4?sid=204&flags=8232&sn=421',
          title: 'Song 1 & <more>',
          artist: 'Artist of pl.one',
          album: '"Album" 1',
        },
        { title: 'Song 2 & <more>' },
        { title: 'Song 3 & <more>' },
      ],
    })
    time += 10_000
    expect(await kitchen.position(soon())).toEqual({ ok: true, value: { track: 1, time: '0:00:10' } })
    expect(await kitchen.seekTime('0:01:00', soon())).toEqual(yes)
    expect([await kitchen.transport(soon()), await kitchen.playMode(soon())]).toEqual([
      { ok: true, value: 'PLAYING' },
      { ok: true, value: 'SHUFFLE' },
    ])
    expect(speaker.state()).toMatchObject({ track: 1, seconds: 60, uri: `x-rincon-queue:${speaker.uid}#0` })
    expect(await kitchen.pause(soon())).toEqual(yes)
    expect(await kitchen.stop(soon())).toEqual(yes)
    expect(speaker.state().on).toBe(false)
  })

  it('reads a queue of many pages', async () => {
    const song = { uri: 'http://192.0.2.1/a.mp3', title: 't', artist: 'a', album: 'b', seconds: 1 }
    speaker.set({ queue: Array.from({ length: 250 }, () => song) })
    const queue = await kitchen.queue(soon())
    expect(queue.ok && queue.value.length).toBe(250)
    speaker.set({ queue: Array.from({ length: 10_001 }, () => song) })
    expect(await kitchen.queue(AbortSignal.timeout(60_000))).toEqual({
      ok: false,
      kind: 'refused',
      reason: 'kitchen tells of a queue without end',
    })
    speaker.set({ queue: [] })
  }, 60_000)

  it('plays a station whose name XML would not like, and is told it back', async () => {
    const item = stationItem({ uri: 'https://radio.example/a?b=1&c=2', title: 'Rock & <Roll>' })
    expect(await kitchen.setMedia(item, soon())).toEqual(yes)
    expect(await kitchen.media(soon())).toEqual({
      ok: true,
      value: {
        uri: 'x-rincon-mp3radio://radio.example/a?b=1&c=2',
        metadata: item.metadata,
        title: 'Rock & <Roll>',
      },
    })
    expect(describedBy(soundItem({ uri: 'http://192.0.2.1/a.mp3', title: 'Gong', id: 'a "b"' }).metadata)).toEqual({
      id: 'a "b"',
      title: 'Gong',
    })
  })

  it('is told volume, mute and tone as they were set', async () => {
    expect(await kitchen.setVolume(33, soon())).toEqual(yes)
    expect(await kitchen.setMuted(true, soon())).toEqual(yes)
    expect(await kitchen.setTone({ bass: -2, treble: 5, loudness: false }, soon())).toEqual(yes)
    expect(await kitchen.setCrossfade(true, soon())).toEqual(yes)
    expect([
      await kitchen.volume(soon()),
      await kitchen.muted(soon()),
      await kitchen.tone(soon()),
      await kitchen.crossfade(soon()),
      await kitchen.outputFixed(soon()),
    ]).toEqual([33, true, { bass: -2, treble: 5, loudness: false }, true, false].map((value) => ({ ok: true, value })))
    expect(await kitchen.setTone({ bass: 99, treble: 0, loudness: true }, soon())).toEqual({
      ok: false,
      kind: 'refused',
      reason: 'kitchen refused SetBass with UPnP error 402: it did not like what it was told',
    })
  })

  it('joins a group, and is told who is in it', async () => {
    expect(await living.join(speaker.uid, soon())).toEqual(yes)
    const members = [
      { uid: speaker.uid, name: 'Kitchen <&> "1"', host: hosts.kitchen, port: 1400 },
      { uid: follower.uid, name: 'Living', host: hosts.living, port: 1400 },
    ]
    expect(await living.group(soon())).toEqual({ ok: true, value: { coordinator: members[0], members } })
    expect(await living.play(soon())).toEqual({
      ok: false,
      kind: 'refused',
      reason: expect.stringContaining('UPnP error 800: it cannot do that; is it the coordinator') as string,
    })
    follower.set({ coordinator: follower.uid })
  })
})

describe('a speaker that fails', () => {
  afterEach(() => speaker.setFault('none'))
  const fresh = (): Player => sonosPlayer({ name: 'kitchen', host: hosts.kitchen })
  const everything = (player: Player): ((deadline: AbortSignal) => Promise<unknown>)[] => [
    player.uid,
    player.group,
    player.queue,
    player.media,
    player.position,
    player.tone,
    player.playMode,
    player.setMediaToQueue,
    (deadline) => player.setTone({ bass: 0, treble: 0, loudness: true }, deadline),
  ]

  it.each([
    ['refuse', 'refused', /^kitchen refuses connections at 127\.0\.12\.11:1400; is it a Sonos speaker, and on\?$/u],
    ['forbidden', 'refused', /^kitchen refuses to be controlled \(403\): turn UPnP on in the Sonos app, Account > /u],
    ['garbage', 'refused', /^kitchen (answered \w+ with something else|does not say who it is)/u],
    ['huge', 'refused', /^kitchen answered more than a speaker has to say$/u],
    ['vanish', 'refused', /^kitchen (broke off|at )/u],
    ['silent', 'silent', /^kitchen at 127\.0\.12\.11 did not answer in time; is it plugged in/u],
    ['dribble', 'silent', /did not answer in time/u],
  ] as const)('%s: every call is %s, with the reason', async (fault, kind, reason) => {
    await speaker.setFault(fault)
    const calls = everything(fresh()).map((call) =>
      call(AbortSignal.timeout(fault === 'silent' || fault === 'dribble' ? 300 : 10_000)),
    )
    for (const result of await Promise.all(calls))
      expect(result).toEqual({ ok: false, kind, reason: expect.stringMatching(reason) as string })
  })

  it('error: tells the code', async () => {
    await speaker.setFault('error')
    expect(await fresh().play(soon())).toEqual({
      ok: false,
      kind: 'refused',
      reason: 'kitchen refused Play with UPnP error 501',
    })
  })

  it.each([
    ['a name that is none', 'no..name', /^the name of x, no\.\.name:1400, is not known$/u],
    ['a place where no way leads', '224.0.0.1', /did not answer in time/u],
  ])('%s', async (_, host, reason) => {
    expect(await sonosPlayer({ name: 'x', host }).play(soon())).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason) as string,
    })
  })
})

describe('what speakers say', () => {
  const action = { service: 'AVTransport', action: 'Play' } as const

  it('is asked for with the arguments in order, escaped', () => {
    const text = envelope({ ...action, args: { InstanceID: 0, Speed: '<&"1' } })
    expect(text).toContain('<InstanceID>0</InstanceID><Speed>&lt;&amp;&quot;1</Speed></u:Play></s:Body>')
    expect(actionHeader(action)).toBe('"urn:schemas-upnp-org:service:AVTransport:1#Play"')
  })

  it.each([
    ['nothing', ''],
    ['no XML', 'hello'],
    ['half of it', '<s:Envelope><s:Body><u:PlayResp'],
    ['another answer', '<s:Envelope><s:Body><u:PauseResponse/></s:Body></s:Envelope>'],
    ['a definition of entities', '<!DOCTYPE a [<!ENTITY b "c">]><Envelope><Body><PlayResponse/></Body></Envelope>'],
    [
      'a name that objects have',
      '<Envelope><Body><PlayResponse><__proto__>x</__proto__></PlayResponse></Body></Envelope>',
    ],
    ['no end of depth', '<a>'.repeat(1000)],
  ])('and is %s: refused', (_, body) => {
    expect(parseReply('x', action, body)).toEqual({
      ok: false,
      kind: 'refused',
      reason: 'x answered Play with something else',
    })
    expect(parseFault('x', action, { status: 500, body }).ok).toBe(false)
  })

  it('keeps text as it is: zeros, spaces, CDATA and entities', () => {
    const body =
      '<s:Envelope xmlns:s="x"><s:Body><u:PlayResponse><A> 007 </A><B><![CDATA[<&lt;>]]>&#65;&#x42;&unknown;&#0;</B></u:PlayResponse></s:Body></s:Envelope>'
    const reply = parseReply('x', action, body)
    expect(reply.ok && [...reply.value]).toEqual([
      ['A', ' 007 '],
      ['B', '<&lt;>AB&unknown;&#0;'],
    ])
  })

  it('of groups leaves out who is hidden, and groups without a coordinator', () => {
    const member = (uid: string, more = '') =>
      `<ZoneGroupMember UUID="${uid}" Location="http://192.0.2.${uid}/x.xml" ZoneName="n${uid}"${more}><Satellite UUID="9"/></ZoneGroupMember>`
    const state = `<ZoneGroupState><ZoneGroups><ZoneGroup Coordinator="1">${member('1')}${member('2', ' Invisible="1"')}<Other UUID="1"/></ZoneGroup><ZoneGroup Coordinator="7">${member('3')}</ZoneGroup><ZoneGroup Coordinator="4"><ZoneGroupMember UUID="4" Location="here"/></ZoneGroup></ZoneGroups></ZoneGroupState>`
    const one = { uid: '1', name: 'n1', host: '192.0.2.1', port: 1400 }
    expect(groupsIn(state)).toEqual([{ coordinator: one, members: [one] }])
    expect(groupsIn(state.replace(/^<ZoneGroupState>|<\/ZoneGroupState>$/gu, ''))).toEqual([
      { coordinator: one, members: [one] },
    ])
    expect(groupsIn('<a/>')).toBeUndefined()
  })

  it('of a queue may lack everything', () => {
    expect(tracksIn('<DIDL-Lite><item/><container/></DIDL-Lite>')).toEqual([
      { uri: '', title: '', artist: '', album: '' },
    ])
    expect(tracksIn('<html/>')).toBeUndefined()
    expect(describedBy('')).toEqual({})
  })
})

describe('XML', () => {
  const legal = fc
    .string({ unit: 'binary' })
    .filter((text) => !/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text))

  test.prop([legal])('text comes back as it went, once and twice escaped', (text) => {
    expect(unescapeXml(escapeXml(text))).toBe(text)
    const body = `<E><B><R><V>${escapeXml(`<a>${escapeXml(text)}</a>`)}</V></R></B></E>`
    const inner = parseXml(body)?.children[0]?.children[0]?.children[0]?.text ?? ''
    expect(parseXml(inner)?.text).toBe(text)
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 300 })])(
    'of any characters ends in an answer, never in a throw',
    (text) => {
      for (const document of [text, `<a>${text}</a>`, `<a ${text}>`, `<a b="${text}"/>`, `<!--${text}`, `<?${text}`]) {
        parseXml(document)
        parseReply('x', { service: 'AVTransport', action: 'a' }, document)
        groupsIn(document)
        tracksIn(document)
        describedBy(document)
      }
    },
  )

  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '</a>',
    '<a>',
    '<a',
    ' b="',
    '"',
    '&',
    '&lt;',
    '&#',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '?>',
    'x',
    ':',
    '__proto__',
  )
  test.prop([fc.array(piece, { maxLength: 60 })])('of its own pieces ends in an answer, never in a throw', (pieces) => {
    const document = pieces.join('')
    expect(() => parseXml(document)).not.toThrow()
    expect(() => groupsIn(`<ZoneGroupState><ZoneGroups>${document}</ZoneGroups></ZoneGroupState>`)).not.toThrow()
  })

  it.each(['<', '&', '<a ', '<a b="', '</', '<!--', '<![CDATA[', '&lt;', 'a="', '<a>', ']]>', '<?', '\n'])(
    'a megabyte of %j does not hold the service up',
    (piece) => {
      const document = `<a>${piece.repeat(Math.ceil(1_000_000 / piece.length))}`
      expect(() => parseXml(document)).not.toThrow()
    },
  )
})
