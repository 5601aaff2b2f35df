import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kasaSwitch, queued, wemoSwitch } from '@homeslice/devices'
import { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
import { type Fault, type Simulator, startKasa, startWemo } from '@homeslice/simulators'
import { bundled, type Program, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { createSwitches } from './app.ts'
import { parseConfig } from './config.ts'

const addresses = { porch: '127.0.7.1', lamp: '127.0.7.2' } as const
const folder = mkdtempSync(join(tmpdir(), 'homeslice-switches-'))
const rows = contract.switchesRows.map((row) => [row.name, row] as const)
const simulators: Partial<Record<'porch' | 'lamp', Simulator>> = {}

const control = {
  device: async ({ device, fault, on }: contract.DeviceStep): Promise<void> => {
    if (fault !== undefined) await simulators[device]?.setFault(fault as Fault)
    if (on !== undefined) simulators[device]?.setOn(on)
  },
  stateOf: (device: 'porch' | 'lamp') => Promise.resolve(simulators[device]?.state().on ?? false),
}

beforeAll(async () => {
  simulators.porch = await startKasa({ name: 'porch', host: addresses.porch })
  simulators.lamp = await startWemo({ name: 'lamp', host: addresses.lamp })
})
afterAll(async () => {
  await Promise.all(Object.values(simulators).map((simulator) => simulator.stop()))
  rmSync(folder, { recursive: true })
})

describe('switches in process', () => {
  let server: RunningServer
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
    server = await serve(app(false), 0, around())
  })
  afterAll(() => server.stop())

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: server.port, ...control }, row)).toEqual([])
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
    const before = simulators.porch?.state().calls ?? 0
    const target = { host: '127.0.0.1', port: server.port, ...control }
    const read = { name: '', method: 'GET', path: '/api/v0/switches/porch/', status: 200, says: /[01]/u }
    await Promise.all(Array.from({ length: 5 }, () => contract.checkRow(target, read)))
    await control.device({ device: 'porch', fault: 'none' })
    expect((simulators.porch?.state().calls ?? 0) - before).toBe(1)
  })
})

describe('switches as they ship', () => {
  let bundle = ''
  let program: Program
  beforeAll(async () => {
    bundle = await bundled('services/switches/src/main.ts', folder)
    const config = join(folder, 'switches.json')
    writeFileSync(
      config,
      `[{"ID":"porch","Kind":"kasa/v1","name":"porch","address":"${addresses.porch}","port":1234,"colour":"red"},
        {"id":"lamp","kind":"wemo/v1","name":"old","address":"192.0.2.9"},
        {"id":"lamp","kind":"wemo/v1","name":"lamp","address":"${addresses.lamp}"}] and more text`,
    )
    program = await startProgram(bundle, [config], {})
  })
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
  })

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: program.port, ...control }, row)).toEqual([])
  })

  it('stays ready with a dead device, and says which', async () => {
    await control.device({ device: 'porch', fault: 'refuse' })
    await fetch(`http://127.0.0.1:${program.port}/api/v0/switches/porch/on/`, { method: 'POST' })
    const ready = await fetch(`http://127.0.0.1:${program.metricsPort}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, devices: 2, trouble: { porch: expect.stringContaining('Third-Party') as string } },
    ])
    const metrics = await (await fetch(`http://127.0.0.1:${program.metricsPort}/metrics`)).text()
    expect(metrics).toMatch(/homeslice_device_answers\{device="porch",service="switches"\} 0/u)
    await control.device({ device: 'porch', fault: 'none' })
  })

  it.each(contract.switchesStarts.map((row) => [row.name, row] as const))('do not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})

describe('the config file', () => {
  it('keeps an outlet, and a port of its own', () => {
    const read = parseConfig(
      '[{"id":"a","kind":"kasa/v1","address":"192.0.2.1","child":"1"},{"id":"b","kind":"wemo/v1","address":"192.0.2.2","port":49155}]',
      'x',
    )
    expect(read.ok && [...read.switches.values()]).toEqual([
      { id: 'a', kind: 'kasa/v1', name: 'a', address: '192.0.2.1', child: '1' },
      { id: 'b', kind: 'wemo/v1', name: 'b', address: '192.0.2.2', port: 49_155 },
    ])
  })
})
