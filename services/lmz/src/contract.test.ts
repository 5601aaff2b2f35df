import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CloudMachine, laMarzocco } from '@homeslice/devices'
import { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
import * as contract from '@homeslice/testing/contract'
import { createLmz } from './app.ts'
import { freshKey, type SimulatedMachine, startMachine } from './simulated.testing.ts'

const rows = contract.lmzRows.map((row) => [row.name, row] as const)

describe('lmz in process', () => {
  let control: SimulatedMachine
  let machine: CloudMachine
  let server: RunningServer
  let checked: contract.Checked
  const results: string[] = []
  const target = () => ({ host: '127.0.0.1', port: server.port, ...control })
  const ask = (row: Partial<contract.Row>) =>
    contract.checkRow(target(), { name: '', method: 'GET', path: '/STATUS', status: 200, ...row })
  beforeAll(async () => {
    control = await startMachine('127.0.7.10')
    machine = laMarzocco({ ...control, key: freshKey(), now: Date.now })
    const handler = createLmz({
      machine,
      onResult: ({ operation, result, trouble }) =>
        results.push(`${operation} ${result.ok ? 'ok' : result.kind}: ${trouble ?? ''}`),
    })
    server = await serve(handler, 0, { log: createLog('lmz', 'error'), metrics: createMetrics('lmz') })
    checked = await contract.checkRows(target(), contract.lmzRows)
  }, 60_000)
  afterAll(async () => {
    await server.stop()
    machine.close()
    await control.stop()
  })

  it.each(rows)('%s', (name) => {
    expect(checked.get(name)).toEqual([])
  })

  it('tells how each command ended, and what is the matter', () => {
    const offAtTheMains = 'the machine MR012345 is off at its main switch or has no Wi-Fi'
    expect(results).toContain('on ok: ')
    expect(results).toContainEqual(expect.stringContaining(`on refused: ${offAtTheMains}`))
    expect(results).toContainEqual(expect.stringContaining(`status ok: ${offAtTheMains}`))
    expect(results).toContainEqual(expect.stringMatching(/^on refused: La Marzocco's cloud answered 410: its API/u))
    expect(results).toContainEqual(expect.stringMatching(/^on silent: La Marzocco's cloud did not answer in time/u))
  })

  it('reads brewing as on, and a state that nobody knows as a failure', async () => {
    await control.device({ device: 'machine', fault: 'none' })
    await ask({ path: '/ON', status: 204 })
    control.simulator.setStatus('Brewing')
    expect(await ask({ says: '1' })).toEqual([])
    await ask({ path: '/ON', status: 204 })
    control.simulator.setStatus('Exploding' as 'Off')
    expect(await ask({ status: 502, has: { 'x-homeslice-reason': /not known here: Exploding/u } })).toEqual([])
  })

  it('asks the cloud once for all who ask within 5 s', async () => {
    await ask({ path: '/OFF', status: 204 })
    const before = control.simulator.state().calls
    await Promise.all(Array.from({ length: 20 }, () => ask({ says: '0' })))
    await ask({ says: '0' })
    expect(control.simulator.state().calls - before).toBe(1)
  })

  it('lets the cloud alone when that turns calls away, and says so at once', async () => {
    await control.device({ device: 'machine', fault: 'burst' })
    expect(await ask({ path: '/ON', status: 502, has: { 'x-homeslice-reason': /\(403\).*in \d+ s/u } })).toEqual([])
    const before = control.simulator.state().calls
    await Promise.all(Array.from({ length: 20 }, () => ask({ path: '/OFF', status: 502 })))
    expect(control.simulator.state().calls).toBe(before)
    await control.device({ device: 'machine', fault: 'none' })
  })
})
