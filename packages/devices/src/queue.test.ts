import { setTimeout as sleep } from 'node:timers/promises'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createLane, queued } from './queue.ts'
import { type Result, silent, type Switch } from './switch.ts'

type Remembering = Switch & { readonly calls: string[]; readonly atOnce: () => number }

/** A switch that takes a while, and remembers what it was asked and by how many at once. */
const slowSwitch = (milliseconds = 5): Remembering => {
  const calls: string[] = []
  let on = false
  let now = 0
  let most = 0
  const call = async (what: string, act: () => boolean): Promise<Result<boolean>> => {
    calls.push(what)
    most = Math.max(most, (now += 1))
    await sleep(milliseconds)
    now -= 1
    return { ok: true, value: act() }
  }
  return {
    calls,
    atOnce: () => most,
    set: (next) => call(next ? 'on' : 'off', () => (on = next)),
    read: () => call('read', () => on),
  }
}

const soon = (): AbortSignal => AbortSignal.timeout(1000)

describe('the queue of a device', () => {
  it('lets one call through at a time, in order', async () => {
    const device = slowSwitch()
    const one = queued(device, 'x')
    await Promise.all([one.set(true, soon()), one.set(false, soon()), one.read(soon()), one.set(true, soon())])
    expect([device.calls, device.atOnce()]).toEqual([['on', 'off', 'read', 'on'], 1])
  })

  it('is one for all outlets of a device, and what one does to another is seen', async () => {
    const device = slowSwitch()
    const lane = createLane()
    const [strip, outlet] = [queued(device, 'strip', lane), queued(device, 'outlet', lane)]
    const results = await Promise.all([outlet.read(soon()), strip.set(true, soon()), outlet.read(soon())])
    expect(results).toEqual([false, true, true].map((value) => ({ ok: true, value })))
    expect([device.calls, device.atOnce()]).toEqual([['read', 'on', 'read'], 1])
  })

  it('answers equal reads by one', async () => {
    const device = slowSwitch()
    const one = queued(device, 'x')
    const results = await Promise.all(Array.from({ length: 5 }, () => one.read(soon())))
    expect([results.every(({ ok }) => ok), device.calls]).toEqual([true, ['read']])
    await one.read(soon())
    expect(device.calls).toEqual(['read', 'read'])
  })

  it('toggles twice when it is asked twice at once', async () => {
    const device = slowSwitch()
    const one = queued(device, 'x')
    const results = await Promise.all([one.toggle(soon()), one.toggle(soon()), one.read(soon())])
    expect(results).toEqual([true, false, false].map((value) => ({ ok: true, value })))
    expect(device.atOnce()).toBe(1)
  })

  it('does not switch what cannot be read', async () => {
    const device = { ...slowSwitch(), read: () => Promise.resolve(silent('x is silent')) }
    expect(await queued(device, 'x').toggle(soon())).toEqual(silent('x is silent'))
    expect(device.calls).toEqual([])
  })

  it('answers a waiting call at its deadline, and never carries it out', async () => {
    const device = slowSwitch(150)
    const one = queued(device, 'x')
    const first = one.set(true, soon())
    const before = performance.now()
    expect(await one.set(false, AbortSignal.timeout(30))).toMatchObject({ ok: false, kind: 'silent' })
    expect(performance.now() - before).toBeLessThan(140)
    await first
    await one.read(soon())
    expect(device.calls).toEqual(['on', 'read'])
  })

  it('answers a call whose deadline is over at once', async () => {
    const device = slowSwitch()
    expect(await queued(device, 'x').read(AbortSignal.abort())).toMatchObject({ ok: false, kind: 'silent' })
    expect(device.calls).toEqual([])
  })

  it('reads again for one that has time left, when the read it joined had none', async () => {
    const device = slowSwitch(60)
    const one = queued(device, 'x')
    const [impatient, patient, other] = await Promise.all([
      one.read(AbortSignal.timeout(20)),
      one.read(soon()),
      one.read(soon()),
    ])
    expect([impatient.ok, patient.ok, other.ok]).toEqual([false, true, true])
    expect(device.calls).toEqual(['read', 'read'])
  })

  it('goes on after a bug in one call', async () => {
    const device = slowSwitch()
    const broken = { ...device, set: () => Promise.reject(new Error('on purpose')) }
    const one = queued(broken, 'x')
    const [set, read] = await Promise.allSettled([one.set(true, soon()), one.read(soon())])
    expect([set.status, read.status]).toEqual(['rejected', 'fulfilled'])
  })

  const operations = fc.array(fc.constantFrom('on', 'off', 'toggle', 'read'), { maxLength: 12 })
  test.prop([operations], { numRuns: 30 })('tells the state that the calls before it made', async (asked) => {
    const one = queued(slowSwitch(0), 'x')
    let on = false
    const expected = asked.map((what) => (on = what === 'toggle' ? !on : what === 'read' ? on : what === 'on'))
    const results = await Promise.all(
      asked.map((what) => {
        if (what === 'read') return one.read(soon())
        return what === 'toggle' ? one.toggle(soon()) : one.set(what === 'on', soon())
      }),
    )
    expect(results).toEqual(expected.map((value) => ({ ok: true, value })))
  })
})
