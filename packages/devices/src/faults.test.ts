import { describe, expect, it, onTestFinished } from 'vitest'
import { type Fault, faults, type Klap, type Simulator, startKasa, startWemo } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import { kasaSwitch } from './kasa/client.ts'
import { queued, type QueuedSwitch } from './queue.ts'
import type { Result } from './switch.ts'
import { wemoSwitch } from './wemo/client.ts'

const host = '127.0.9.50'
const soon = (): AbortSignal => AbortSignal.timeout(15_000)
/** Long enough for a device to have been asked, short enough to wait for. */
const short = (): AbortSignal => AbortSignal.timeout(400)

type Pair = { readonly simulator: Simulator; readonly device: QueuedSwitch }

const klapPair = (klap: Klap) => async (): Promise<Pair> => {
  const [port, klapPort] = [await freePort(), await freePort()]
  const simulator = await startKasa({ name: 'x', host, port: klapPort, klap })
  return { simulator, device: queued(kasaSwitch({ name: 'x', host, port, klapPort }), 'x') }
}

const kinds: Readonly<Record<string, () => Promise<Pair>>> = {
  legacy: async () => {
    const [port, klapPort] = [await freePort(), await freePort()]
    const simulator = await startKasa({ name: 'x', host, port })
    return { simulator, device: queued(kasaSwitch({ name: 'x', host, port, klapPort }), 'x') }
  },
  'KLAP 1': klapPair({ version: 1 }),
  'KLAP 2': klapPair({ version: 2 }),
  'KLAP of Tapo': klapPair({ version: 2, speech: 'smart' }),
  Wemo: async () => {
    const address = '127.0.9.51'
    const simulator = await startWemo({ name: 'x', host: address })
    return { simulator, device: queued(wemoSwitch({ name: 'x', host: address }), 'x') }
  },
}

/**
 * How a command to a device with a fault ends: its kind, and what is named; several where the moment decides. The other
 * faults are those of clouds.
 */
const ends: Readonly<Partial<Record<Fault, readonly string[]>>> = {
  none: ['ok'],
  slow: ['ok'],
  stuck: ['ok'],
  moved: ['ok'],
  refuse: ['refused closed'],
  silent: ['silent undefined'],
  dribble: ['silent undefined'],
  garbage: ['refused nonsense', 'refused stranger'],
  huge: ['refused nonsense'],
  vanish: ['refused broke-off'],
  error: ['refused said-no'],
  forbidden: ['ok', 'refused closed', 'refused local-control-off'],
}
const late = new Set<Fault>(['silent', 'dribble'])
/** Where it makes no difference whether the device was spoken to before. */
const once = new Set<Fault>(['none', 'slow', 'stuck', 'moved'])
const said = (result: Result): string => (result.ok ? 'ok' : `${result.kind} ${result.trouble}`)
const openSockets = (): number => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length

describe.each(Object.keys(kinds))('%s', (kind) => {
  const ours = faults.filter((fault) => ends[fault] !== undefined)
  const moments = ours.flatMap((fault) =>
    (once.has(fault) ? ['later'] : ['later', 'from the first command on']).map((when) => [fault, when] as const),
  )
  it.each(moments)(
    'that is at fault (%s, %s) ends in a word and a sentence, leaves nothing open, and is well again afterwards',
    async (fault, when) => {
      const { simulator, device } = await kinds[kind]!()
      onTestFinished(() => simulator.stop())
      if (when === 'later') await device.set(false, soon())
      await simulator.setFault(fault)
      const result = await device.set(true, late.has(fault) ? short() : soon())
      expect(ends[fault]).toContain(said(result))
      expect(result.ok ? 'x is as it should be' : result.reason).toMatch(/^x .{18,}$/u)
      // Before it is well: that cuts its connections.
      await expect.poll(openSockets, { timeout: 10_000, interval: 5 }).toBe(0)
      await simulator.setFault('none')
      expect(await device.set(false, soon())).toEqual({ ok: true, value: false })
      expect(await device.read(soon())).toEqual({ ok: true, value: false })
      await expect.poll(openSockets, { timeout: 10_000, interval: 5 }).toBe(0)
    },
  )
})

describe('a house of live and dead switches', () => {
  it('answers for the live ones while the dead ones are waited for', async () => {
    const pairs = await Promise.all(Object.values(kinds).map((make) => make()))
    const dead = await Promise.all(
      Object.values(kinds)
        .filter((_, index) => index < 4)
        .map((make) => make()),
    )
    onTestFinished(async () => {
      await Promise.all([...pairs, ...dead].map(({ simulator }) => simulator.stop()))
    })
    await Promise.all(dead.map(({ simulator }) => simulator.setFault('silent')))
    const order: string[] = []
    const noted = async (word: string, work: Promise<Result>): Promise<Result> => {
      const result = await work
      order.push(word)
      return result
    }
    // Five commands wait at each dead one.
    const waiting = dead.flatMap(({ device }) =>
      Array.from({ length: 5 }, () => noted('dead', device.set(true, AbortSignal.timeout(2300)))),
    )
    const live = pairs.map(({ device }) => noted('live', device.set(true, soon())))
    expect((await Promise.all(live)).map(said)).toEqual(live.map(() => 'ok'))
    const results = await Promise.all(waiting)
    expect(order).toEqual([...live.map(() => 'live'), ...waiting.map(() => 'dead')])
    // The one that was sent knows what became of it.
    const reasons = results.map((result) => (result.ok ? '' : result.reason))
    expect(reasons.filter((reason) => /took the command and did not answer/u.test(reason))).toHaveLength(dead.length)
    expect(reasons.filter((reason) => !reason.includes('did not answer in time'))).toEqual([])
  })
})
