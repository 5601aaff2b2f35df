import { fc, test } from '@fast-check/vitest'
import * as simulation from 'tplink-smarthome-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kasaSwitch } from './kasa/client.ts'
import { decodeFrame, encodeFrame, frameLimit } from './kasa/frame.ts'
import { childIdOf, setOutcome, stateOf } from './kasa/messages.ts'

const limit = (): AbortSignal => AbortSignal.timeout(2300)

describe('our client and an independent simulator', () => {
  const models = [
    ['hs100', '127.0.9.10'],
    ['hs200', '127.0.9.11'],
    ['hs220', '127.0.9.15'],
    ['hs300', '127.0.9.12'],
    ['lb100', '127.0.9.13'],
    ['kl430', '127.0.9.14'],
  ] as const
  const devices = models.map(
    ([model, address]) => new simulation.Device({ model, address, port: 9999, data: { alias: model } }),
  )
  beforeAll(() => Promise.all(devices.map((device) => device.start())))
  afterAll(() => Promise.all(devices.map((device) => device.stop())))

  it.each(models.filter(([model]) => model !== 'hs300'))('%s is switched and read', async (name, host) => {
    const device = kasaSwitch({ name, host })
    for (const on of [true, false, true]) {
      expect(await device.set(on, limit())).toEqual({ ok: true, value: on })
      expect(await device.read(limit())).toEqual({ ok: true, value: on })
    }
  })

  it('one outlet of a strip is switched and read, by place or name', async () => {
    const strip = { name: 'strip', host: '127.0.9.12' }
    expect(await kasaSwitch({ ...strip, child: '1' }).set(true, limit())).toEqual({ ok: true, value: true })
    expect(await kasaSwitch({ ...strip, child: '1' }).read(limit())).toEqual({ ok: true, value: true })
    expect((await kasaSwitch({ ...strip, child: '99' }).set(true, limit())).ok).toBe(false)
    expect((await kasaSwitch({ ...strip, child: 'none' }).read(limit())).ok).toBe(false)
    expect((await kasaSwitch(strip).read(limit())).ok).toBe(true)
  })
})

describe('frames', () => {
  test.prop([fc.string({ unit: 'binary' })])('come back as they went', (message) => {
    expect(decodeFrame(encodeFrame(message))).toEqual({ state: 'whole', message })
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('of any bytes end in an answer, never in a throw', (bytes) => {
    expect(['whole', 'more', 'too long']).toContain(decodeFrame(Buffer.from(bytes)).state)
  })

  it('announced too long are known by their first four bytes', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(frameLimit + 1)
    expect(decodeFrame(head)).toEqual({ state: 'too long', announced: frameLimit + 1 })
    head.writeUInt32BE(frameLimit)
    expect(decodeFrame(head)).toEqual({ state: 'more', wanted: frameLimit + 4 })
  })
})

describe('answers', () => {
  const relay = (code: number) => ({ system: { set_relay_state: { err_code: code } } })
  const bulb = (code: number) => ({
    'smartlife.iot.smartbulb.lightingservice': { transition_light_state: { err_code: code } },
  })
  it.each([
    ['a plug', { ...relay(0), 'smartlife.iot.smartbulb.lightingservice': { err_code: -1 } }, true],
    ['a bulb', { system: { err_code: -1 }, ...bulb(0) }, true],
    ['a bulb that says -2', { ...relay(-2), ...bulb(0) }, true],
    ['an error of the right half', { ...relay(-3), ...bulb(-1) }, false],
    ['an error beside a success', { ...relay(0), ...bulb(-5) }, false],
    ['nobody it is for', { ...relay(-1), ...bulb(-1) }, false],
    ['nothing', {}, false],
    ['null', null, false],
    ['a list', [], false],
  ])('to a set: %s', (_, answer, ok) => {
    expect(setOutcome('x', answer).ok).toBe(ok)
  })

  const info = (more: object) => ({ system: { get_sysinfo: more } })
  it.each([
    ['a plug', info({ relay_state: 1 }), undefined, true],
    ['a bulb', info({ light_state: { on_off: 0 } }), undefined, false],
    ['a strip', info({ children: [{ state: 0 }, { state: 1 }] }), undefined, true],
    ['an outlet by alias', info({ children: [{ id: 'A', alias: 'tv', state: 1 }] }), 'tv', true],
    ['no system', {}, undefined, undefined],
    ['no sysinfo', { system: {} }, undefined, undefined],
    ['nonsense', info({ relay_state: 'on' }), undefined, undefined],
  ])('to a read: %s', (_, answer, child, value) => {
    const result = stateOf('x', answer, child)
    expect(result.ok ? result.value : undefined).toBe(value)
  })

  it('name an outlet whole, or by its last digits', () => {
    expect(childIdOf('x', info({ deviceId: 'D', children: [{ id: '00' }] }), '0')).toEqual({ ok: true, value: 'D00' })
    expect(childIdOf('x', info({ deviceId: 'D', children: [{ id: 'D00' }] }), 'D00')).toEqual({
      ok: true,
      value: 'D00',
    })
  })

  test.prop([fc.jsonValue()])('of any shape never throw', (answer) => {
    setOutcome('x', answer)
    stateOf('x', answer, undefined)
    stateOf('x', answer, '0')
  })
})
