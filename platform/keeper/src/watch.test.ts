import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { failure, type Failure } from '@homeslice/cluster'
import type { Drift } from '@homeslice/plan'
import type { DriftSeen, Seen } from '@homeslice/release'
import type { Logger } from '@homeslice/service-kit'
import { createWatch } from './watch.ts'

const away = failure('unreachable', 'nothing answers at https://10.96.0.1:443')
const drift = (name: string): Drift => ({
  service: 'web',
  object: { apiVersion: 'v1', kind: 'Service', namespace: 'casa-prod-web', name },
  change: 'deleted',
})
const looked = (...names: readonly string[]): DriftSeen => ({
  ok: true,
  drift: names.map(drift),
  blind: [],
  objects: 7,
})

type Script = {
  readonly looks: readonly (DriftSeen | Failure)[]
  /** Of what a keeper before wrote. */
  readonly before?: Seen
  readonly cannotRead?: Failure
  readonly cannotWrite?: readonly boolean[]
  /** Seconds between two looks, by the clock that the watch is given. */
  readonly seconds?: number
}

/** Runs a watch until its looks are used up, and tells what it wrote, logged and told. */
const watched = async ({ looks, before, cannotRead, cannotWrite = [], seconds = 20 }: Script) => {
  const stop = new AbortController()
  const written: Seen[] = []
  const lines: string[] = []
  const told: (Seen | undefined)[] = []
  const say = (one: unknown, words?: string): void => void lines.push(words ?? String(one))
  let at = 0
  let writes = 0
  const watch = createWatch({
    look: async () => looks[at] ?? away,
    read: async () => (at === 0 && cannotRead ? cannotRead : { ok: true, seen: before }),
    write: async (seen) => {
      writes += 1
      if (cannotWrite[writes - 1]) return failure('failed', 'it cannot be written')
      written.push(seen)
      return { ok: true }
    },
    now: () => new Date(Date.UTC(2026, 0, 1) + at * seconds * 1000),
    log: { info: say, warn: say } as unknown as Logger,
    onLook: (seen) => {
      told.push(seen)
      at += 1
      if (at === looks.length) stop.abort()
    },
  })
  await watch.run(0.001, stop.signal)
  return { written, lines, told, last: watch.seen() }
}

describe('a watch', () => {
  it('writes what it sees when that changes, and once a minute where it does not', async () => {
    const { written, told } = await watched({
      looks: [looked(), looked(), looked('a'), looked('a', 'b'), looked('a', 'b'), looked('a', 'b'), looked('a', 'b')],
    })
    expect(written.map(({ time, count }) => [time.slice(11, 19), count])).toEqual([
      ['00:00:00', 0],
      ['00:00:40', 1],
      ['00:01:00', 2],
      ['00:02:00', 2],
    ])
    expect(told).toHaveLength(7)
  })

  it('keeps the time at which each change was noticed, also one that a keeper before it noticed', async () => {
    const before: Seen = {
      time: '2025-12-31T00:00:00.000Z',
      count: 1,
      drift: [{ ...drift('a'), noticed: '2025-12-30T00:00:00.000Z' }],
      blind: [],
    }
    const { last } = await watched({ before, looks: [looked('a'), looked('a', 'b'), looked('a', 'b')] })
    expect(last?.drift.map(({ object, noticed }) => [object.name, noticed])).toEqual([
      ['a', '2025-12-30T00:00:00.000Z'],
      ['b', '2026-01-01T00:00:20.000Z'],
    ])
  })

  it('says once that it cannot look, once that it can again, and goes on with what it saw', async () => {
    const { lines, written, told } = await watched({ looks: [looked('a'), away, away, away, looked('a')] })
    expect(lines).toEqual(['drift', 'the cluster cannot be looked at', 'the cluster can be looked at again'])
    expect(told.map((seen) => seen?.count)).toEqual([1, undefined, undefined, undefined, 1])
    expect(written).toHaveLength(2)
  })

  it('tries again to read what was there, and to write what it sees', async () => {
    const unread = await watched({ cannotRead: away, looks: [looked('a'), looked('a')] })
    expect(unread.written).toHaveLength(1)
    const unwritten = await watched({ cannotWrite: [true], looks: [looked('a'), looked('a')] })
    expect([unwritten.written.length, unwritten.lines]).toEqual([
      1,
      ['drift', 'the cluster cannot be looked at', 'the cluster can be looked at again'],
    ])
  })

  it('ends at once in the middle of its rest', async () => {
    const stop = new AbortController()
    const none = async () => ({ ok: true as const, seen: undefined })
    const log = { info: () => undefined, warn: () => undefined } as unknown as Logger
    const ways = {
      look: async () => away,
      read: none,
      write: none,
      now: () => new Date(),
      log,
      onLook: () => undefined,
    }
    const running = createWatch(ways).run(3600, stop.signal)
    await sleep(5)
    stop.abort()
    await expect(running).resolves.toBeUndefined()
  })
})
