import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { kasaSwitch } from './kasa/client.ts'
import { queued } from './queue.ts'
import type { Switch } from './switch.ts'
import { wemoSwitch } from './wemo/client.ts'
import { actionHeader, envelope, parseState } from './wemo/soap.ts'

describe('SOAP', () => {
  it('is what the devices want', () => {
    expect(actionHeader('SetBinaryState')).toBe('"urn:Belkin:service:basicevent:1#SetBinaryState"')
    expect(envelope('GetBinaryState', '')).toContain(
      '<u:GetBinaryState xmlns:u="urn:Belkin:service:basicevent:1"><BinaryState></BinaryState>',
    )
  })

  it.each([
    ['0', { on: false }],
    ['1', { on: true }],
    ['8', { on: true }],
    ['8|1490000000|0|0.5|12||', { on: true }],
    ['0|1|-2', { on: false }],
    ['Error', 'error'],
    ['', undefined],
    ['on', undefined],
    ['-1', undefined],
  ])('reads %j', (state, value) => {
    const result = parseState('x', `<a><BinaryState>${state}</BinaryState></a>`)
    expect(result.ok ? result.value : undefined).toEqual(value)
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 2000 })])('never throws or hangs', (text) => {
    parseState('x', text)
    parseState('x', `<BinaryState>${text}`)
  })

  it('reads a long answer in no time', () => {
    expect(parseState('x', '<BinaryState>'.repeat(5000) + ' '.repeat(5000)).ok).toBe(false)
  })
})

describe('devices that are not there', () => {
  it.each([
    ['kasa', kasaSwitch({ name: 'x', host: 'nowhere.invalid' })],
    ['wemo', wemoSwitch({ name: 'x', host: 'nowhere.invalid' })],
  ])('%s by a name that nobody knows', async (_, device) => {
    expect(await device.read(AbortSignal.timeout(2300))).toMatchObject({ ok: false })
  })

  it.each([
    ['kasa', kasaSwitch({ name: 'x', host: '127.0.9.30' })],
    ['wemo', wemoSwitch({ name: 'x', host: '127.0.9.30' })],
  ])('%s with a deadline that is over', async (_, device) => {
    expect(await device.set(true, AbortSignal.abort())).toMatchObject({ ok: false, kind: 'silent' })
  })
})

describe('the queue', () => {
  it('asks for the state again after a set', async () => {
    let on = false
    const device: Switch = {
      set: async (next) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        on = next
        return { ok: true, value: next }
      },
      read: () => Promise.resolve({ ok: true, value: on }),
    }
    const one = queued(device, 'x')
    const limit = AbortSignal.timeout(1000)
    const [before, , after] = await Promise.all([one.read(limit), one.set(true, limit), one.read(limit)])
    expect([before, after]).toEqual([
      { ok: true, value: false },
      { ok: true, value: true },
    ])
  })
})
