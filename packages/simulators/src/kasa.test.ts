import { connect } from 'node:net'
import { Client } from 'tplink-smarthome-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveControl } from './control.ts'
import type { Simulator } from './fault.ts'
import { startKasa } from './kasa.ts'

const host = '127.0.9.2'
let simulator: Simulator
beforeAll(async () => {
  simulator = await startKasa({ name: 'porch', host })
})
afterAll(() => simulator.stop())

describe('a simulated Kasa plug', () => {
  it('is one to an independent client', async () => {
    const plug = await new Client().getDevice({ host })
    expect([plug.deviceType, plug.alias, plug.model]).toEqual(['plug', 'porch', 'HS100(US)'])
    await plug.setPowerState(true)
    expect([await plug.getPowerState(), simulator.state().on]).toEqual([true, true])
    await plug.togglePowerState()
    expect([await plug.getPowerState(), simulator.state().on]).toEqual([false, false])
    plug.closeConnection()
  })

  it('survives what is no frame and no JSON', async () => {
    for (const bytes of [
      Buffer.alloc(100_000),
      Buffer.from([0, 0, 0, 2, 1, 2]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
    ]) {
      const socket = connect(9999, host)
      socket.on('error', () => undefined)
      socket.end(bytes)
      await new Promise((resolve) => socket.on('close', resolve).resume())
    }
    expect((await new Client().getDevice({ host })).alias).toBe('porch')
  })

  it('is told what to do by its side door', async () => {
    const port = await serveControl(simulator, 0)
    const call = async (method: string, path: string, body?: object) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return [response.status, await response.json()]
    }
    expect(await call('PUT', '/state', { on: true })).toMatchObject([200, { on: true }])
    expect(await call('PUT', '/fault', { kind: 'slow' })).toMatchObject([200, { fault: 'slow' }])
    expect(await call('GET', '/state')).toMatchObject([200, { kind: 'kasa', name: 'porch', on: true, fault: 'slow' }])
    expect(await call('PUT', '/fault', { kind: 'explode' })).toMatchObject([
      400,
      { error: expect.stringContaining('one of none') as string },
    ])
    expect((await call('GET', '/other'))[0]).toBe(404)
    expect((await fetch(`http://127.0.0.1:${port}/state`, { method: 'PUT', body: '{' })).status).toBe(400)
    await simulator.setFault('none')
  })
})
