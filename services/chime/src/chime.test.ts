import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { soundItem } from '@homeslice/devices'
import { runChime } from './chime.ts'
import { chimeId } from './restore.ts'
import { type Doing, doings, seen, setStage, type Stage, startStage } from './stage.testing.ts'
import { stateIn } from './state.ts'

const soak = process.env.HOMESLICE_SOAK === '1'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-chime-'))
let stage: Stage
beforeAll(async () => {
  stage = await startStage(['127.0.13.1', '127.0.13.2'])
})
afterAll(async () => {
  await stage.household.stop()
  rmSync(folder, { recursive: true })
})
afterEach(async () => {
  stage.onCall(() => undefined)
  await stage.den.setFault('none')
  await stage.bath.setFault('none')
  stage.den.set({ fixed: false })
})
const chime = { ...soundItem({ uri: 'http://192.0.2.1/gong.mp3', title: 'Gong', id: chimeId }) }

describe('a chime', () => {
  it.each(doings)(
    'sounds on the whole group, whose coordinator was told %s, and leaves all as it was',
    async (doing) => {
      setStage(stage, doing, [20, 31])
      const before = seen(stage)
      let loudest: unknown
      stage.onCall(() => {
        const { uri, volume, on } = stage.den.state()
        if (uri === stage.sound.uri && on) loudest = [volume, stage.bath.state().volume]
      })
      const started = stage.clock.now()
      expect(await runChime(stage.deps(), stage.sound)).toBe(0)
      // The bath is muted, and stays as it is.
      expect(loudest).toEqual([40, 31])
      expect(seen(stage)).toEqual(before)
      // The sound lasts 3 of at most 6 seconds.
      expect(stage.clock.now() - started).toBe(3000)
    },
  )

  it('that is longer than its limit is cut off', async () => {
    setStage(stage, 'station', [20, 30])
    const started = stage.clock.now()
    expect(await runChime(stage.deps(), { ...stage.sound, uri: 'x-rincon-mp3radio://radio.example/long' })).toBe(0)
    expect(stage.clock.now() - started).toBe(6000)
  })

  it('does its work in order', async () => {
    setStage(stage, 'queue', [20, 30])
    stage.calls.length = 0
    await runChime(stage.deps(), stage.sound)
    const changes = stage.calls.filter((call) => /^den (?!Get)/u.test(call))
    expect(changes.slice(0, 4)).toEqual(['den Pause', 'den SetVolume', 'den SetAVTransportURI', 'den Play'])
    expect(changes.slice(4).filter((call) => !/Bass|Treble|Loudness/u.test(call))).toEqual([
      'den SetAVTransportURI',
      'den Seek',
      'den Seek',
      'den SetPlayMode',
      'den SetCrossfadeMode',
      'den SetMute',
      'den SetVolume',
      'den Play',
    ])
  })

  it('leaves alone a speaker that cannot be looked at, and rings without it', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    // Den answers for the group, the bath is what is broken.
    await stage.bath.setFault('refuse')
    expect(await runChime(stage.deps(), { ...stage.sound, zone: '127.0.13.1' })).toBe(0)
    expect(seen(stage)).toEqual(before)
  })

  it('does not touch the tone and volume of a line out', async () => {
    setStage(stage, 'nothing', [100, 30])
    stage.den.set({ fixed: true })
    stage.calls.length = 0
    expect(await runChime(stage.deps(), stage.sound)).toBe(0)
    expect(stage.calls.filter((call) => call === 'den SetBass')).toEqual([])
    expect(stage.calls.filter((call) => call === 'den GetOutputFixed')).toEqual(['den GetOutputFixed'])
  })

  it.each([
    ['cannot be found', async () => stage.bath.setFault('refuse')],
    ['belongs to a group whose coordinator is broken', async () => stage.den.setFault('error')],
  ])('on a zone that %s is none', async (_, given) => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    await given()
    expect(await runChime(stage.deps(), stage.sound)).toBe(1)
    expect(seen(stage)).toEqual(before)
  })

  it('that the speaker refuses is no success, and leaves all as it was', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    let loads = 0
    stage.onCall(() => {
      const isLoad = stage.calls.at(-1) === 'den SetAVTransportURI'
      if (isLoad) loads += 1
      void stage.den.setFault(isLoad && loads === 1 ? 'error' : 'none')
    })
    expect(await runChime(stage.deps(), stage.sound)).toBe(1)
    expect(seen(stage)).toEqual(before)
  })

  it('leaves a queue in a cloud alone', async () => {
    setStage(stage, 'station', [20, 30])
    stage.den.set({ uri: 'x-rincon-queue:RINCON_1#7', metadata: '', doing: 'STOPPED', track: 0, queue: [] })
    stage.calls.length = 0
    expect(await runChime(stage.deps(), stage.sound)).toBe(0)
    expect(stage.calls.filter((call) => call === 'den SetAVTransportURI')).toHaveLength(1)
  })

  it('waits for a chime that sounds already, and never takes it for music', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    const { uri, metadata } = stage.den.state()
    stage.den.set({ ...chime, doing: 'PLAYING', seconds: 0 })
    let looks = 0
    stage.onCall(() => {
      if (stage.calls.at(-1) === 'den GetMediaInfo' && (looks += 1) === 3)
        stage.den.set({ uri, metadata, doing: 'PLAYING' })
    })
    expect(await runChime(stage.deps(), stage.sound)).toBe(0)
    expect([looks > 3, seen(stage)]).toEqual([true, before])
  })

  it('lets be what somebody started meanwhile', async () => {
    setStage(stage, 'queue', [20, 30])
    stage.onCall(() => {
      if (stage.calls.at(-1) !== 'den GetTransportInfo' || stage.den.state().uri !== stage.sound.uri) return
      stage.den.set({ uri: 'x-rincon-mp3radio://radio.example/new', metadata: '', doing: 'PLAYING' })
    })
    expect(await runChime(stage.deps(), stage.sound)).toBe(0)
    expect(stage.den.state()).toMatchObject({ uri: 'x-rincon-mp3radio://radio.example/new', on: true, volume: 20 })
  })
})

describe('a chime that is told to end', () => {
  let stopped = 0
  afterAll(() => expect(stopped).toBeGreaterThan(soak ? 100 : 20))
  type Moment = {
    readonly call: number
    readonly later: boolean
    readonly doing: Doing
    readonly volumes: readonly [number, number]
  }
  /** Stops it while a call is under way, or just after it; gives how many calls there were. */
  const stopAt = async ({ call, later, doing, volumes }: Moment): Promise<number> => {
    setStage(stage, doing, volumes)
    const before = seen(stage)
    const stopping = new AbortController()
    let count = 0
    stage.onCall(() => {
      count += 1
      if (count === call) void (later ? setImmediate(() => stopping.abort()) : stopping.abort())
    })
    const state = stateIn(join(folder, 'stopped'), stage.clock)
    const ending = await runChime(stage.deps({ stop: stopping.signal, state }), stage.sound)
    stage.onCall(() => undefined)
    if (ending === 'stopped') stopped += 1
    // Told when everything was done already, it has chimed.
    expect([0, stopping.signal.aborted ? 'stopped' : 0]).toContain(ending)
    expect([call, seen(stage), state.groups()]).toEqual([call, before, []])
    return count
  }

  it('at each of its calls in turn puts every speaker back first', async () => {
    const all = await stopAt({ call: Number.POSITIVE_INFINITY, later: false, doing: 'queue', volumes: [20, 30] })
    expect(all).toBeGreaterThan(20)
    for (let call = 1; call <= all; call += 1) await stopAt({ call, later: false, doing: 'queue', volumes: [20, 30] })
  }, 300_000)

  const moments: fc.Arbitrary<Moment> = fc.record({
    call: fc.integer({ min: 1, max: 60 }),
    later: fc.boolean(),
    doing: fc.constantFrom(...doings),
    volumes: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })),
  })
  test.prop([moments], { numRuns: soak ? 200 : 25 })(
    'at any of them, whatever was played, too',
    async (moment) => {
      await stopAt(moment)
    },
    300_000,
  )

  it('before it began does nothing', async () => {
    setStage(stage, 'queue', [20, 30])
    stage.calls.length = 0
    expect(await runChime(stage.deps({ stop: AbortSignal.abort() }), stage.sound)).toBe('stopped')
    expect(stage.calls.filter((call) => !call.includes(' Get'))).toEqual([])
  })
})

describe('a chime whose speaker fails once', () => {
  /** All but the place in a track, which a run that comes later can no longer tell. */
  const lasting = (): object =>
    JSON.parse(JSON.stringify(seen(stage)).replaceAll(/"seconds":\d+/gu, '"seconds":0')) as object
  const mishaps = fc.record({ call: fc.integer({ min: 1, max: 60 }), doing: fc.constantFrom(...doings) })
  test.prop([mishaps], { numRuns: soak ? 200 : 15 })(
    'is put right by this run or by the next',
    async ({ call, doing }) => {
      setStage(stage, doing, [20, 30])
      const before = lasting()
      let count = 0
      stage.onCall(() => {
        count += 1
        if (count === call) void stage.den.setFault('error')
        if (count === call + 1) void stage.den.setFault('none')
      })
      const state = stateIn(join(folder, 'mishap'), stage.clock)
      expect([0, 1]).toContain(await runChime(stage.deps({ state }), stage.sound))
      stage.onCall(() => undefined)
      await stage.den.setFault('none')
      expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
      expect([call, lasting(), state.groups()]).toEqual([call, before, []])
    },
    300_000,
  )
})

describe('what a run that was killed left', () => {
  const left = async (name: string, age = 0) => {
    const state = stateIn(join(folder, name), stage.clock)
    const snapshots = [
      {
        member: { uid: stage.den.uid, name: 'Den', host: '127.0.13.1', port: 1400 },
        volume: 20,
        muted: false,
        music: {
          media: { uri: 'x-rincon-mp3radio://radio.example/a', metadata: '<DIDL-Lite/>' },
          transport: 'PLAYING',
        },
      },
      { member: { uid: stage.bath.uid, name: 'Bath', host: '127.0.13.2', port: 1400 }, volume: 30, muted: false },
    ]
    state.save(stage.den.uid, { at: stage.clock.now() - age, volume: 40, snapshots })
    return state
  }
  const minutes = 60_000

  it('is put back before the next chime', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    const state = await left('killed')
    stage.den.set({ ...chime, doing: 'PLAYING', volume: 40 })
    stage.bath.set({ volume: 40 })
    expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
    expect([seen(stage), state.groups()]).toEqual([before, []])
  })

  it('starts no music that was interrupted long ago, and leaves volumes that somebody chose since', async () => {
    setStage(stage, 'station', [20, 30])
    const state = await left('old', 20 * minutes)
    stage.den.set({ ...chime, doing: 'STOPPED', volume: 40 })
    stage.bath.set({ volume: 12 })
    expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
    expect(stage.den.state()).toMatchObject({ uri: 'x-rincon-mp3radio://radio.example/a', on: false, volume: 20 })
    expect(stage.bath.state().volume).toBe(12)
  })

  it('is put back also where the next chime is for another group', async () => {
    setStage(stage, 'station', [20, 30])
    stage.bath.set({ coordinator: stage.bath.uid, uri: '' })
    const state = await left('other')
    stage.den.set({ ...chime, doing: 'PLAYING', volume: 40 })
    expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
    expect(stage.den.state()).toMatchObject({ uri: 'x-rincon-mp3radio://radio.example/a', on: true, volume: 20 })
  })

  it('stays for the next run when a speaker is not there, and is given up after a day', async () => {
    for (const [age, groups] of [
      [0, [stage.den.uid]],
      [25 * 60 * minutes, []],
    ] as const) {
      setStage(stage, 'station', [20, 30])
      stage.bath.set({ coordinator: stage.bath.uid, uri: '' })
      const state = await left(`gone${age}`, age)
      await stage.den.setFault('refuse')
      expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
      expect(state.groups()).toEqual(groups)
      await stage.den.setFault('none')
    }
  })

  it('cannot be read: is taken away', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    for (const text of ['{', 'null', '{"at":1}']) {
      const state = stateIn(join(folder, 'broken'), stage.clock)
      writeFileSync(join(folder, 'broken', `${stage.den.uid}.json`), text)
      expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
      expect([seen(stage), state.groups()]).toEqual([before, []])
    }
  })

  it('of one that still runs is not touched', async () => {
    setStage(stage, 'station', [20, 30])
    stage.bath.set({ coordinator: stage.bath.uid, uri: '' })
    const state = await left('running')
    const release = state.tryLock(stage.den.uid)
    stage.den.set({ ...chime, doing: 'PLAYING', volume: 40 })
    expect(await runChime(stage.deps({ state }), stage.sound)).toBe(0)
    expect(stage.den.state().volume).toBe(40)
    release?.()
  })
})

describe('two chimes at once', () => {
  it('queue also when the first is killed: the second puts back what it left', async () => {
    setStage(stage, 'station', [20, 30])
    const before = seen(stage)
    const state = stateIn(join(folder, 'second'), stage.clock)
    const release = state.tryLock(stage.den.uid)
    const snapshots = [
      {
        member: { uid: stage.den.uid, name: 'Den', host: '127.0.13.1', port: 1400 },
        volume: 20,
        muted: false,
        music: {
          media: { uri: 'x-rincon-mp3radio://radio.example/a', metadata: '<DIDL-Lite/>' },
          transport: 'PLAYING',
        },
      },
    ]
    const second = runChime(stage.deps({ state }), stage.sound)
    state.save(stage.den.uid, { at: stage.clock.now(), volume: 40, snapshots })
    stage.den.set({ ...chime, doing: 'PLAYING', volume: 40 })
    // The clock of the stage moves only while somebody waits.
    const begun = stage.clock.now()
    while (stage.clock.now() === begun) await new Promise((resolve) => setImmediate(resolve))
    release?.()
    expect([await second, seen(stage), state.groups()]).toEqual([0, before, []])
  })

  it('queue, and the second finds what the first found', async () => {
    // Their waiting moves the clock on, and music that plays with it.
    setStage(stage, 'queue paused', [20, 30])
    const before = seen(stage)
    const state = () => stateIn(join(folder, 'two'), stage.clock)
    const sounding: string[] = []
    stage.onCall(() => {
      const { uri, on } = stage.den.state()
      if (on && uri.includes('gong') && sounding.at(-1) !== uri) sounding.push(uri)
    })
    const second = { ...stage.sound, uri: 'http://192.0.2.1/gong2.mp3', zone: '127.0.13.1' }
    const endings = await Promise.all([
      runChime(stage.deps({ state: state() }), stage.sound),
      runChime(stage.deps({ state: state() }), second),
    ])
    expect([endings, sounding.toSorted(), seen(stage)]).toEqual([[0, 0], [stage.sound.uri, second.uri], before])
  })

  it('that wait are told to end too', async () => {
    setStage(stage, 'station', [20, 30])
    const state = stateIn(join(folder, 'wait'), stage.clock)
    const release = state.tryLock(stage.den.uid)
    const stopping = new AbortController()
    setTimeout(() => stopping.abort(), 200)
    expect(await runChime(stage.deps({ state, stop: stopping.signal }), stage.sound)).toBe('stopped')
    release?.()
  })

  it('do not stand for a folder that cannot be locked', () => {
    rmSync(join(folder, 'unlockable'), { recursive: true, force: true })
    const state = stateIn(join(folder, 'unlockable'), stage.clock)
    writeFileSync(
      join(folder, 'unlockable', 'a.lock'),
      'no database at all, but a text that is long enough to be read as one',
    )
    expect(() => state.tryLock('a')).toThrow(/not a database/u)
  })
})
