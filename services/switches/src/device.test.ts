import { describe, expect, it, onTestFinished } from 'vitest'
import { startKasa, startWemo } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import type { SwitchConfig } from './config.ts'
import { devicesOf } from './device.ts'

const address = '127.0.7.31'
const soon = (): AbortSignal => AbortSignal.timeout(15_000)
const good = { ok: true, value: true }

describe('the outlets of one strip', () => {
  const strip = async () => {
    const klapPort = await freePort()
    const children = ['tv', 'lamp', 'fan']
    const simulator = await startKasa({ name: 'strip', host: address, port: klapPort, children, klap: { version: 2 } })
    onTestFinished(() => simulator.stop())
    const outlet = (child: string): SwitchConfig => ({
      id: child,
      kind: 'kasa/v1',
      name: child,
      address,
      klapPort,
      child,
    })
    return { simulator, devices: devicesOf(children.map(outlet)) }
  }

  it('need one login, even when they are switched at once', async () => {
    const { simulator, devices } = await strip()
    const results = await Promise.all([...devices.values()].map((device) => device.set(true, soon())))
    expect([results, simulator.outlets()]).toEqual([
      [good, good, good],
      [true, true, true],
    ])
    expect(simulator.logins()).toBe(1)
  })

  it('wait for each other, and each is told of its own', async () => {
    const { simulator, devices } = await strip()
    await simulator.setFault('silent')
    const results = await Promise.all([...devices.values()].map((device) => device.set(true, AbortSignal.timeout(500))))
    expect(results.map((result) => (result.ok ? '' : result.reason.split(' ')[0]))).toEqual(['tv', 'lamp', 'fan'])
  })
})

describe('switches at one address', () => {
  it('of two kinds have nothing to do with each other', async () => {
    const [kasa, wemo] = [await startKasa({ name: 'k', host: address }), await startWemo({ name: 'w', host: address })]
    onTestFinished(async () => {
      await Promise.all([kasa.stop(), wemo.stop()])
    })
    const devices = devicesOf([
      { id: 'k', kind: 'kasa/v1', name: 'k', address, port: 1234 },
      { id: 'w', kind: 'wemo/v1', name: 'w', address, port: 49_155 },
    ])
    await kasa.setFault('silent')
    const waiting = devices.get('k')?.read(AbortSignal.timeout(3000))
    expect(await devices.get('w')?.set(true, soon())).toEqual(good)
    await kasa.setFault('none')
    expect((await waiting)?.ok).toBe(false)
    expect(await devices.get('k')?.set(true, soon())).toEqual(good)
  })
})
