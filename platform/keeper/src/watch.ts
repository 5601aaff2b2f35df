import { setTimeout as sleep } from 'node:timers/promises'
import type { Failure } from '@homeslice/cluster'
import { type DriftSeen, sameSight, type Seen, seenAt } from '@homeslice/release'
import type { Logger } from '@homeslice/service-kit'

/** What a watch needs: eyes, a place to write to, and a clock. */
export type WatchDeps = {
  readonly look: () => Promise<DriftSeen | Failure>
  /** What a keeper before this one wrote last. */
  readonly read: () => Promise<{ readonly ok: true; readonly seen: Seen | undefined } | Failure>
  readonly write: (seen: Seen) => Promise<{ readonly ok: true } | Failure>
  readonly now: () => Date
  readonly log: Logger
  /** Told of every look: what was seen, or that it failed. */
  readonly onLook: (seen: Seen | undefined) => void
}

/** A watch that goes on. */
export type Watch = {
  /** What was seen last. */
  readonly seen: () => Seen | undefined
  /** Looks again and again, until it is told to stop. */
  readonly run: (everySeconds: number, signal: AbortSignal) => Promise<void>
}

/** How long what was written stays as it is where nothing changes: a disk should rest, and people know that it is looked. */
const restSeconds = 60

/** Watches for drift. Whatever fails is tried again at the next look, and said once. */
export const createWatch = ({ look, read, write, now, log, onLook }: WatchDeps): Watch => {
  let seen: Seen | undefined
  let written: Seen | undefined
  let trouble = ''

  const failed = ({ message }: Failure): void => {
    if (message !== trouble) log.warn({ reason: message }, 'the cluster cannot be looked at')
    trouble = message
    onLook(undefined)
  }
  const isDue = (next: Seen): boolean =>
    written === undefined ||
    !sameSight(written, next) ||
    Date.parse(next.time) - Date.parse(written.time) >= restSeconds * 1000
  const once = async (): Promise<void> => {
    if (seen === undefined) {
      const before = await read()
      if (!before.ok) return failed(before)
      seen = before.seen
    }
    const looked = await look()
    if (!looked.ok) return failed(looked)
    const next = seenAt(now().toISOString(), looked, seen?.drift ?? [])
    if (seen === undefined || !sameSight(seen, next)) log.info({ changes: next.count, drift: next.drift }, 'drift')
    seen = next
    if (isDue(next)) {
      const done = await write(next)
      if (!done.ok) return failed(done)
      written = next
    }
    if (trouble !== '') log.info('the cluster can be looked at again')
    trouble = ''
    onLook(next)
  }

  return {
    seen: () => seen,
    run: async (everySeconds, signal) => {
      while (!signal.aborted) {
        await once()
        await sleep(everySeconds * 1000, undefined, { signal }).catch(() => undefined)
      }
    },
  }
}
