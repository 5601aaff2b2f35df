import { createLog } from '@homeslice/service-kit'
import { sonosPlayer } from '@homeslice/devices'
import { type SonosHousehold, type SonosSimulator, startSonosHousehold } from '@homeslice/simulators'
import type { ChimeDeps, Sound } from './chime.ts'
import type { Clock } from './clock.ts'
import { noState, type State } from './state.ts'

/** Two speakers in one group, and what happens to them. */
export type Stage = {
  readonly den: SonosSimulator
  readonly bath: SonosSimulator
  readonly household: SonosHousehold
  readonly clock: Clock
  readonly deps: (more?: { readonly stop?: AbortSignal; readonly state?: State }) => ChimeDeps
  readonly sound: Sound
  /** Calls to any speaker, by name. */
  readonly calls: string[]
  /** Told of each call, before it is answered. */
  readonly onCall: (listener: () => void) => void
}

/** Speakers with a clock that moves only while somebody sleeps, or (`real`) with this machine's. */
export const startStage = async (hosts: readonly [string, string], real = false): Promise<Stage> => {
  let time = 0
  const now = real ? () => performance.now() : () => time
  const household = await startSonosHousehold(
    [
      { name: 'Den', host: hosts[0] },
      { name: 'Bath', host: hosts[1] },
    ],
    now,
  )
  const [den, bath] = household.speakers as [SonosSimulator, SonosSimulator]
  const calls: string[] = []
  let listener = (): void => undefined
  for (const [name, speaker] of [
    ['den', den],
    ['bath', bath],
  ] as const)
    speaker.onCall((action) => {
      calls.push(`${name} ${action}`)
      listener()
    })
  const clock: Clock = {
    now,
    sleep: async (milliseconds, stop) => {
      if (!stop.aborted) time += milliseconds
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
  const log = createLog('chime', 'error')
  log.level = 'silent'
  return {
    den,
    bath,
    household,
    clock,
    calls,
    onCall: (next) => {
      listener = next
    },
    deps: ({ stop = new AbortController().signal, state = noState } = {}) => ({
      playerAt: sonosPlayer,
      state,
      clock,
      log,
      stop,
    }),
    sound: { zone: hosts[1], title: 'Gong', uri: 'http://192.0.2.1/gong.mp3', volume: 40, limit: 6 },
  }
}

const song = (title: string) => ({ uri: `http://192.0.2.1/${title}.mp3`, title, artist: '', album: '', seconds: 300 })

/** What a coordinator may have been doing when it was found. */
export const doings = ['queue', 'queue paused', 'station', 'station stopped', 'nothing'] as const
/** One of them. */
export type Doing = (typeof doings)[number]

/** Sets the stage: both in one group that Den leads. */
export const setStage = ({ den, bath }: Stage, doing: Doing, volumes: readonly [number, number]): void => {
  const plays = doing === 'queue' || doing === 'station'
  const queue = ['one', 'two', 'three'].map(song)
  const music = {
    queue: { uri: `x-rincon-queue:${den.uid}#0`, metadata: '', track: 2, seconds: 75 },
    station: { uri: 'x-rincon-mp3radio://radio.example/a', metadata: '<DIDL-Lite/>', track: 1, seconds: 0 },
    nothing: { uri: '', metadata: '', track: 0, seconds: 0 },
  }[doing.split(' ')[0] as 'queue' | 'station' | 'nothing']
  den.set({
    ...music,
    queue,
    doing: plays ? 'PLAYING' : doing === 'queue paused' ? 'PAUSED_PLAYBACK' : 'STOPPED',
    playMode: 'SHUFFLE_NOREPEAT',
    crossfade: true,
    coordinator: den.uid,
    volume: volumes[0],
    bass: 3,
    treble: -2,
    loudness: false,
    muted: false,
  })
  bath.set({ coordinator: den.uid, uri: `x-rincon:${den.uid}`, volume: volumes[1], muted: volumes[1] % 2 === 1 })
}

/** All that a person would notice of the speakers. A stopped speaker and one that pauses are the same to them. */
export const seen = ({ den, bath }: Stage): object =>
  [den, bath].map((speaker) => {
    const { uri, metadata, queue, track, seconds, on, coordinator, volume, muted, ...rest } = speaker.state()
    const place = uri.startsWith('x-rincon-queue:') ? { track, seconds: Math.floor(seconds) } : {}
    const { bass, treble, loudness, playMode, crossfade } = rest
    const tone = { bass, treble, loudness }
    return {
      uri,
      metadata,
      titles: queue.map(({ title }) => title),
      ...place,
      on,
      coordinator,
      volume,
      muted,
      tone,
      playMode,
      crossfade,
    }
  })
