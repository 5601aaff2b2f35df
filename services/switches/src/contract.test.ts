import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kasaSwitch, queued, wemoSwitch } from '@homeslice/devices'
import { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
import * as contract from '@homeslice/testing/contract'
import { createSwitches } from './app.ts'
import { type SimulatedDevices, startDevices } from './simulated.testing.ts'

const addresses = { porch: '127.0.7.1', lamp: '127.0.7.2' } as const
const rows = contract.switchesRows.map((row) => [row.name, row] as const)

describe('switches in process', () => {
  let server: RunningServer
  let control: SimulatedDevices
  let checked: contract.Checked
  const results: string[] = []
  const app = (alwaysOk: boolean) =>
    createSwitches({
      switches: new Map([
        ['porch', queued(kasaSwitch({ name: 'porch', host: addresses.porch }), 'porch')],
        ['lamp', queued(wemoSwitch({ name: 'lamp', host: addresses.lamp }), 'lamp')],
      ]),
      alwaysOk,
      onResult: (id, operation, result) => results.push(`${id} ${operation} ${result.ok ? 'ok' : result.kind}`),
    })
  const around = () => ({ log: createLog('switches', 'error'), metrics: createMetrics('switches') })
  beforeAll(async () => {
    control = await startDevices(addresses)
    server = await serve(app(false), 0, around())
    checked = await contract.checkRows({ host: '127.0.0.1', port: server.port, ...control }, contract.switchesRows)
  }, 60_000)
  afterAll(async () => {
    await server.stop()
    await control.stop()
  })

  it.each(rows)('%s', (name) => {
    expect(checked.get(name)).toEqual([])
  })

  it('tells how each command ended', () => {
    expect(results).toContain('porch on ok')
    expect(results).toContain('lamp on silent')
    expect(results).toContain('lamp on refused')
  })

  it('answers OK whatever the device did, where it is told to', async () => {
    const always = await serve(app(true), 0, around())
    await control.device({ device: 'porch', fault: 'refuse' })
    const target = { host: '127.0.0.1', port: always.port, ...control }
    const path = '/api/v0/switches/porch/on/'
    expect(await contract.checkRow(target, { name: '', method: 'POST', path, status: 200, says: 'OK' })).toEqual([])
    expect(
      await contract.checkRow(target, { name: '', method: 'GET', path: path.replace('on', 'status'), status: 502 }),
    ).toEqual([])
    await control.device({ device: 'porch', fault: 'none' })
    await always.stop()
  })

  it('answers five commands behind a silent switch within 2.5 s of their arrival, and a live one at once', async () => {
    const target = { host: '127.0.0.1', port: server.port, ...control }
    await control.device({ device: 'porch', fault: 'silent' })
    const path = '/api/v0/switches/porch/on/'
    const five = Array.from({ length: 5 }, () =>
      contract.checkRow(target, { name: '', method: 'POST', path, status: 504 }),
    )
    const lamp = contract.checkRow(target, {
      name: '',
      method: 'GET',
      path: '/api/v0/switches/lamp/',
      status: 200,
      says: /[01]/u,
      withinMilliseconds: 500,
    })
    expect(await Promise.all([...five, lamp])).toEqual(Array.from({ length: 6 }, () => []))
    await control.device({ device: 'porch', fault: 'none' })
  })

  it('asks a device once for equal reads in flight', async () => {
    await control.device({ device: 'porch', fault: 'slow' })
    const before = control.porch.state().calls
    const target = { host: '127.0.0.1', port: server.port, ...control }
    const read = { name: '', method: 'GET', path: '/api/v0/switches/porch/', status: 200, says: /[01]/u }
    await Promise.all(Array.from({ length: 5 }, () => contract.checkRow(target, read)))
    await control.device({ device: 'porch', fault: 'none' })
    expect(control.porch.state().calls - before).toBe(1)
  })
})
