import { isStream, type Song, soundSeconds } from './music.ts'

/** What a speaker does. */
type Doing = 'PLAYING' | 'PAUSED_PLAYBACK' | 'STOPPED'

/** A speaker and all that it would still know after a look from outside. */
export type Speaker = {
  readonly uid: string
  readonly name: string
  /** Where others reach it. */
  host: string
  readonly port: number
  readonly serial: string
  /** Whose music it plays: its own uid, unless it has joined another. */
  coordinator: string
  uri: string
  metadata: string
  queue: Song[]
  /** From 1. */
  track: number
  doing: Doing
  /** Seconds into the track when `since` was now. */
  seconds: number
  since: number
  playMode: string
  crossfade: boolean
  volume: number
  muted: boolean
  bass: number
  treble: number
  loudness: boolean
  fixed: boolean
}

/** A speaker as it comes out of its box. */
export const newSpeaker = (of: Pick<Speaker, 'uid' | 'name' | 'host' | 'port' | 'serial'>): Speaker => ({
  ...of,
  coordinator: of.uid,
  uri: '',
  metadata: '',
  queue: [],
  track: 0,
  doing: 'STOPPED',
  seconds: 0,
  since: 0,
  playMode: 'NORMAL',
  crossfade: false,
  volume: 20,
  muted: false,
  bass: 0,
  treble: 0,
  loudness: true,
  fixed: false,
})

/** Whether it plays from its queue. */
export const fromQueue = ({ uri }: Speaker): boolean => uri.startsWith('x-rincon-queue:')

const lengthOf = (speaker: Speaker): number => {
  if (fromQueue(speaker)) return speaker.queue[speaker.track - 1]?.seconds ?? 0
  if (speaker.uri === '') return 0
  return isStream(speaker.uri) ? Number.POSITIVE_INFINITY : soundSeconds
}

const repeatsOne = /REPEAT_ONE/u
const repeatsAll = /^(REPEAT_ALL|SHUFFLE)$/u

/** What comes after the end of a track: the next one, the first again, or silence. */
const goOn = (speaker: Speaker): void => {
  if (fromQueue(speaker) && repeatsOne.test(speaker.playMode)) return
  if (fromQueue(speaker) && speaker.track < speaker.queue.length) speaker.track += 1
  else {
    speaker.track = fromQueue(speaker) ? 1 : speaker.track
    if (!fromQueue(speaker) || !repeatsAll.test(speaker.playMode)) speaker.doing = 'STOPPED'
  }
}

/** Lets the music go on to now. */
export const advance = (speaker: Speaker, now: number): void => {
  const since = speaker.since
  speaker.since = now
  if (speaker.doing !== 'PLAYING') return
  speaker.seconds += (now - since) / 1000
  for (let left = 10_000; left > 0 && speaker.doing === 'PLAYING' && speaker.seconds >= lengthOf(speaker); left -= 1) {
    const length = lengthOf(speaker)
    if (length === 0) {
      speaker.doing = 'STOPPED'
      speaker.seconds = 0
      return
    }
    speaker.seconds -= length
    goOn(speaker)
  }
  if (speaker.doing !== 'PLAYING') speaker.seconds = 0
}

/** The length of what is loaded, in seconds; 0 for a stream. */
export const shownLength = (speaker: Speaker): number => {
  const length = lengthOf(speaker)
  return Number.isFinite(length) ? length : 0
}
