import { once } from 'node:events'
import { connect } from 'node:net'
import { Client, type Plug } from 'tplink-smarthome-api'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '@homeslice/testing'
import type { Simulator } from './fault.ts'
import { startKasa } from './kasa.ts'

const host = '127.0.9.2'
const noModule = { err_code: -1, err_msg: 'module not support' }
const noMember = { err_code: -2, err_msg: 'member not support' }
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

  it('hangs up on one who sends more than any command holds', async () => {
    const socket = connect(9999, host)
    socket.on('error', () => undefined)
    const closed = new Promise((resolve) => socket.on('close', resolve).resume())
    socket.write(Buffer.from([0, 2, 0, 0]))
    socket.write(Buffer.alloc(100_000))
    await closed
    expect((await new Client().getDevice({ host })).alias).toBe('porch')
  })

  it('survives one who breaks off in the middle of a command', async () => {
    const socket = connect(9999, host)
    await new Promise((resolve) => socket.on('connect', resolve))
    await new Promise((resolve) => socket.write(Buffer.from([0, 0, 0, 9, 1, 2]), resolve))
    socket.resetAndDestroy()
    expect((await new Client().getDevice({ host })).alias).toBe('porch')
  })

  it.each([
    ['a member that it has not', { system: { reboot: {} } }, { system: { reboot: noMember } }],
    ['a module that it has not', { emeter: { get_realtime: {} } }, { emeter: noModule }],
    ['its timezone', { time: { get_timezone: {} } }, { time: { get_timezone: { err_code: 0, index: 39 } } }],
    ['a member of a module that every object has', { time: { constructor: {} } }, { time: { constructor: noMember } }],
    ['a list', '[1]', {}],
    ['a module without members', { system: 7 }, { system: {} }],
    ['a state that is none', { system: { set_relay_state: null } }, { system: { set_relay_state: { err_code: 0 } } }],
  ])('answers as the device does when asked for %s', async (_, asked, answer) => {
    const before = simulator.state().on
    expect(JSON.parse(await new Client().send(asked, host))).toEqual(answer)
    expect(simulator.state().on).toBe(before)
  })

  it('that is stuck says yes and does nothing', async () => {
    simulator.setOn(false)
    await simulator.setFault('stuck')
    const answer = await new Client().send({ system: { set_relay_state: { state: 1 } } }, host)
    expect(JSON.parse(answer)).toEqual({ system: { set_relay_state: { err_code: 0 } } })
    expect(simulator.state().on).toBe(false)
    await simulator.setFault('none')
  })

  it('listens everywhere when no address is named, and says when its port is taken', async () => {
    const port = await freePort()
    const other = await startKasa({ name: 'other', port })
    onTestFinished(() => other.stop())
    expect((await new Client().getDevice({ host: '127.0.9.3', port })).alias).toBe('other')
    await expect(startKasa({ name: 'third', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('a simulated Kasa strip', () => {
  const strip = { name: 'strip', host: '127.0.9.7', children: ['tv', 'lamp'] }

  it('is one to an independent client, outlet by outlet', async () => {
    const device = await startKasa(strip)
    onTestFinished(() => device.stop())
    const client = new Client()
    const { host: address } = strip
    const whole = (await client.getDevice({ host: address })) as Plug
    expect(whole.children.size).toBe(2)
    const [, lamp] = [...whole.children.keys()]
    const outlet = (await client.getDevice({ host: address, childId: lamp! })) as Plug
    await outlet.setPowerState(true)
    expect([outlet.alias, await outlet.getPowerState(), device.outlets()]).toEqual(['lamp', true, [false, true]])
    expect(device.state().on).toBe(true)
    whole.closeConnection()
    outlet.closeConnection()
  })

  it.each([
    ['its place', '2', [true, true, true]],
    ['its name', 'tv', [true]],
  ])('has the one outlet that is asked for by %s', async (_, child, all) => {
    const device = await startKasa({ name: 'x', host: strip.host, child })
    onTestFinished(() => device.stop())
    device.setOn(true)
    expect(device.outlets()).toEqual(all)
  })

  it('has no outlet of another id', async () => {
    const device = await startKasa(strip)
    onTestFinished(() => device.stop())
    const asked = { context: { child_ids: ['0'] }, system: { set_relay_state: { state: 1 } } }
    expect(JSON.parse(await new Client().send(asked, strip.host))).toMatchObject({
      system: { set_relay_state: { err_code: -3 } },
    })
    expect(device.outlets()).toEqual([false, false])
  })
})

describe('firmware that has local control turned off', () => {
  it('closes the legacy port', async () => {
    const device = await startKasa({ name: 'x', host: '127.0.9.8' })
    onTestFinished(() => device.stop())
    await device.setFault('forbidden')
    const [error] = (await once(connect(9999, '127.0.9.8'), 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    await device.setFault('none')
    expect((await new Client().getDevice({ host: '127.0.9.8' })).alias).toBe('x')
  })
})
