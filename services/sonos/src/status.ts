import type { Player, Result } from '@homeslice/devices'
import type { Curation, Playlist, Station } from './config.ts'
import { keysOf, sameTracks } from './tracks.ts'

/** How long an answer is good for. */
const keptMilliseconds = 16_000

/** Tells what plays, and is told when that changes. */
export type Status = {
  /** Whether this is what the coordinator plays. */
  readonly read: (curation: Curation, deadline: AbortSignal) => Promise<Result<boolean>>
  /** What stands in the queue since this curation was played. */
  readonly remember: (id: string, tracks: readonly string[]) => void
  /** Something was done: no earlier answer is good any more. */
  readonly forget: () => void
}

/** Asks the coordinator, at most every 16 s for each curation unless something was done; equal reads in flight are one. */
export const createStatus = (coordinator: Player, now: () => number): Status => {
  const remembered = new Map<string, readonly string[]>()
  let kept = new Map<string, { readonly value: boolean; readonly until: number }>()
  let reading = new Map<string, Promise<Result<boolean>>>()

  const station = async ({ name }: Station, deadline: AbortSignal): Promise<Result<boolean>> => {
    const [media, transport] = await Promise.all([coordinator.media(deadline), coordinator.transport(deadline)])
    if (!media.ok) return media
    if (!transport.ok) return transport
    return { ok: true, value: media.value.title === name && transport.value === 'PLAYING' }
  }
  const playlist = async ({ id }: Playlist, deadline: AbortSignal): Promise<Result<boolean>> => {
    const ours = remembered.get(id)
    if (ours === undefined) return { ok: true, value: false }
    const [queue, transport] = await Promise.all([coordinator.queue(deadline), coordinator.transport(deadline)])
    if (!queue.ok) return queue
    if (!transport.ok) return transport
    return { ok: true, value: sameTracks(keysOf(queue.value), ours) && transport.value === 'PLAYING' }
  }
  const start = (curation: Curation, deadline: AbortSignal): Promise<Result<boolean>> => {
    // What was asked before something was done must not be kept after it.
    const [keptNow, readingNow] = [kept, reading]
    const work = async (): Promise<Result<boolean>> => {
      const result = await (curation.kind === 'station' ? station(curation, deadline) : playlist(curation, deadline))
      if (result.ok) keptNow.set(curation.id, { value: result.value, until: now() + keptMilliseconds })
      readingNow.delete(curation.id)
      return result
    }
    const mine = work()
    readingNow.set(curation.id, mine)
    return mine
  }
  return {
    read: async (curation, deadline) => {
      const known = kept.get(curation.id)
      if (known !== undefined && now() < known.until) return { ok: true, value: known.value }
      const joined = await reading.get(curation.id)
      // The read that this one joined had less time left.
      const ranOut = joined !== undefined && !joined.ok && joined.kind === 'silent' && !deadline.aborted
      return joined === undefined || ranOut ? start(curation, deadline) : joined
    },
    remember: (id, tracks) => {
      remembered.set(id, tracks.toSorted())
    },
    forget: () => {
      kept = new Map()
      reading = new Map()
    },
  }
}
