import { setTimeout as sleep } from 'node:timers/promises'
import { applePlaylistItem, createLine, type Line, type Player, type Result, stationItem } from '@homeslice/devices'
import type { Logger } from '@homeslice/service-kit'
import type { Curation, Playlist } from './config.ts'
import type { Listed } from './page.ts'
import type { Status } from './status.ts'
import { keysOf } from './tracks.ts'

/** One thing that a speaker was asked to do, and how it ended. */
export type Step = { readonly player: string; readonly step: string; readonly result: Result }

/** What plays and pauses need. */
export type CommandDeps = {
  readonly coordinator: Player
  readonly players: readonly Player[]
  readonly status: Status
  /** Reads the page of a playlist, for when the queue does not tell what was put into it. */
  readonly page: (playlist: Playlist, stop: AbortSignal) => Promise<Listed>
  /** Told of every step's end. */
  readonly onStep: (curation: string, step: Step) => void
  readonly log: Logger
}

/** What can be done with a curation. */
export type Commands = {
  /** Ends when the speakers are ready for it; the music comes after. */
  readonly play: (curation: Curation, deadline: AbortSignal) => Promise<Result>
  readonly pause: (curation: Curation, deadline: AbortSignal) => Promise<Result>
  /** Ends when nothing goes on in the background any more. */
  readonly settled: () => Promise<void>
  /** Stops what goes on in the background. */
  readonly stop: () => void
}

/** A step that nobody waits for: putting a long playlist into a queue takes a speaker some seconds. */
const stepMilliseconds = 10_000

/** The music waits for this; a speaker that does not tell in time is asked no more, and the page is read instead. */
const queueMilliseconds = 2000

/** A second play of what plays already is none; a speaker that takes longer to say so is told again. */
const lookMilliseconds = 700

const joinTries = 3
const joinPauseMilliseconds = 30

/** Plays and pauses: the newest command is the one that counts, and steps of one speaker keep their order. */
export const createCommands = (deps: CommandDeps): Commands => {
  const { coordinator, players, status } = deps
  const lines = new Map([coordinator, ...players].map((player) => [player, createLine(player.host)] as const))
  let newest = new AbortController()
  let background: Promise<unknown> = Promise.resolve()

  const takeOver = (): AbortSignal => {
    newest.abort()
    newest = new AbortController()
    status.forget()
    return newest.signal
  }
  /** Steps of one curation, each of one speaker and in its turn; those that a newer command has ended are no failures. */
  const stepsOf = (curation: string, stop?: AbortSignal) => {
    const within = (milliseconds: number): AbortSignal => {
      const limit = AbortSignal.timeout(milliseconds)
      return stop === undefined ? limit : AbortSignal.any([stop, limit])
    }
    return async <Value>(
      player: Player,
      step: string,
      work: Work<Value>,
      deadline = within(stepMilliseconds),
    ): Promise<Result<Value>> => {
      const line = lines.get(player) as Line
      const result = await line(() => work(deadline), deadline)
      if (result.ok || stop?.aborted !== true) deps.onStep(curation, { player: player.host, step, result })
      return result
    }
  }
  const prepare = async ({ id, volume }: Curation, deadline: AbortSignal): Promise<Result> => {
    const step = stepsOf(id)
    const cleared = step(coordinator, 'clear', coordinator.clearQueue, deadline)
    if (volume === undefined) return cleared
    const both = await Promise.all([
      cleared,
      step(coordinator, 'volume', (end) => coordinator.setVolume(volume, end), deadline),
    ])
    return both.find(({ ok }) => !ok) ?? both[0]
  }
  const start = async (curation: Curation, stop: AbortSignal): Promise<void> => {
    const step = stepsOf(curation.id, stop)
    if (curation.kind === 'station') {
      const item = stationItem({ uri: curation.uri, title: curation.name })
      await step(coordinator, 'load', (end) => coordinator.setMedia(item, end))
      if (!stop.aborted) await step(coordinator, 'play', coordinator.play)
      return
    }
    const item = applePlaylistItem(curation.playlist)
    const enqueued = await step(coordinator, 'enqueue', (end) => coordinator.enqueue(item, end))
    const known = enqueued.ok && (await rememberQueue(curation, stop))
    if (!stop.aborted) await step(coordinator, 'shuffle', (end) => coordinator.setPlayMode('SHUFFLE', end))
    const loaded = await step(coordinator, 'load', coordinator.setMediaToQueue)
    const sought = loaded.ok ? await step(coordinator, 'seek', (end) => coordinator.seekTrack(1, end)) : loaded
    if (sought.ok) await step(coordinator, 'play', coordinator.play)
    if (enqueued.ok && !known && !stop.aborted) await rememberPage(curation, stop)
  }
  /** What the speaker made of the playlist; whether it told. */
  const rememberQueue = async ({ id }: Playlist, stop: AbortSignal): Promise<boolean> => {
    const deadline = AbortSignal.any([stop, AbortSignal.timeout(queueMilliseconds)])
    const queue = await stepsOf(id, stop)(coordinator, 'queue', coordinator.queue, deadline)
    if (!queue.ok || queue.value.length === 0) return false
    status.remember(id, keysOf(queue.value))
    return true
  }
  /** What the playlist's public page lists. */
  const rememberPage = async (playlist: Playlist, stop: AbortSignal): Promise<void> => {
    const listed = await deps.page(playlist, stop)
    if (listed.ok) status.remember(playlist.id, listed.tracks)
    else deps.log.warn({ id: playlist.id, reason: listed.reason }, 'what the playlist holds is not known')
  }
  const joinOne = async (player: Player, { id, volume }: Curation, stop: AbortSignal): Promise<void> => {
    const step = stepsOf(id, stop)
    if (volume !== undefined) await step(player, 'volume', (end) => player.setVolume(volume, end))
    for (let left = joinTries; left > 0 && !stop.aborted; left -= 1) {
      const joined = await step(player, 'join', async (end) => {
        const uid = await coordinator.uid(end)
        return uid.ok ? player.join(uid.value, end) : uid
      })
      if (joined.ok) return
      await sleep(joinPauseMilliseconds)
    }
  }
  return {
    play: async (curation, deadline) => {
      const look = AbortSignal.any([deadline, AbortSignal.timeout(lookMilliseconds)])
      const playing = await status.read(curation, look)
      if (playing.ok && playing.value) return playing
      const stop = takeOver()
      const prepared = await prepare(curation, deadline)
      // A newer command may have come meanwhile; then this one leaves no music behind.
      if (!prepared.ok || stop.aborted) return prepared
      background = Promise.all([start(curation, stop), ...players.map((player) => joinOne(player, curation, stop))])
        .then(() => (stop.aborted ? undefined : status.forget()))
        .catch((bug: unknown) => deps.log.error({ err: bug }, 'this is a bug: a curation was not played'))
      return prepared
    },
    pause: async (curation, deadline) => {
      takeOver()
      const paused = await stepsOf(curation.id)(coordinator, 'pause', coordinator.pause, deadline)
      status.forget()
      return paused
    },
    settled: async () => {
      await background
    },
    stop: () => newest.abort(),
  }
}

type Work<Value> = (deadline: AbortSignal) => Promise<Result<Value>>
