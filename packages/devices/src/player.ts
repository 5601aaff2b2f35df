import type { Result } from './switch.ts'

/** What a player says that it does; other words of newer firmware are possible. */
export type Transport = 'PLAYING' | 'PAUSED_PLAYBACK' | 'STOPPED' | 'TRANSITIONING' | (string & {})

/** Something to play, and how it is described (DIDL-Lite). */
export type Item = { readonly uri: string; readonly metadata: string }

/** What is loaded; `title` as its description tells it, nothing where there is none. */
export type Media = Item & { readonly title: string | undefined }

/** Where it is: the number of the track (from 1; 0 is none) and the time within it as `0:01:02`. */
export type Position = { readonly track: number; readonly time: string }

/** A track of a queue. */
export type Track = { readonly uri: string; readonly title: string; readonly artist: string; readonly album: string }

/** Bass and treble from -10 to 10. */
export type Tone = { readonly bass: number; readonly treble: number; readonly loudness: boolean }

/** A player as another one names it. */
export type Member = { readonly uid: string; readonly name: string; readonly host: string; readonly port: number }

/** Players that play together; the coordinator is the one that is told what. */
export type Group = { readonly coordinator: Member; readonly members: readonly Member[] }

type Read<Value> = (deadline: AbortSignal) => Promise<Result<Value>>
type Do = (deadline: AbortSignal) => Promise<Result<true>>
type Set<Value> = (value: Value, deadline: AbortSignal) => Promise<Result<true>>

/** A speaker. Each call ends by the time its signal does; calls do not wait for each other. */
export type Player = {
  readonly name: string
  readonly host: string
  /** The name by which players know each other; asked once, then remembered. */
  readonly uid: Read<string>
  /** The group that it is in. */
  readonly group: Read<Group>
  readonly transport: Read<Transport>
  readonly media: Read<Media>
  readonly position: Read<Position>
  readonly play: Do
  readonly pause: Do
  readonly stop: Do
  readonly setMedia: Set<Item>
  /** Plays from its own queue. */
  readonly setMediaToQueue: Do
  /** Tracks count from 1. */
  readonly seekTrack: Set<number>
  /** Time within the track, as `0:01:02`. */
  readonly seekTime: Set<string>
  /** Such as NORMAL, SHUFFLE (which repeats too), REPEAT_ALL. */
  readonly playMode: Read<string>
  readonly setPlayMode: Set<string>
  readonly crossfade: Read<boolean>
  readonly setCrossfade: Set<boolean>
  readonly queue: Read<readonly Track[]>
  readonly clearQueue: Do
  readonly enqueue: Set<Item>
  /** From 0 to 100. */
  readonly volume: Read<number>
  readonly setVolume: Set<number>
  readonly muted: Read<boolean>
  readonly setMuted: Set<boolean>
  readonly tone: Read<Tone>
  readonly setTone: Set<Tone>
  /** Whether its volume cannot be changed, as that of a line out. */
  readonly outputFixed: Read<boolean>
  /** Joins the group whose coordinator has this uid. */
  readonly join: Set<string>
}
