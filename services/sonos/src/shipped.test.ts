import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundled, type Program, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { configText, type SimulatedSpeakers, startSpeakers } from './simulated.testing.ts'

const addresses = { den: '127.0.7.24', other: '127.0.7.25' } as const
const unplugged = '127.0.7.26'
const folder = mkdtempSync(join(tmpdir(), 'homeslice-sonos-'))
const rows = contract.sonosRows.map((row) => [row.name, row] as const)

describe('sonos as it ships', () => {
  let bundle = ''
  let program: Program
  let control: SimulatedSpeakers
  beforeAll(async () => {
    control = await startSpeakers(addresses)
    bundle = await bundled('services/sonos/src/main.ts', folder)
    const config = join(folder, 'sonos.yaml')
    writeFileSync(config, configText({ den: addresses.den, others: [addresses.other, unplugged] }))
    program = await startProgram(bundle, ['serve'], { CONFIG_PATH: config })
  }, 60_000)
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
    await control.stop()
    rmSync(folder, { recursive: true })
  })

  it.each(rows)('%s', async (_, row) => {
    const target = { host: '127.0.0.1', port: program.port, ...control }
    expect(await contract.checkRow(target, row)).toEqual([])
  })

  it('stays ready with an unplugged speaker from the first play on, and says which', async () => {
    await control.device({ device: 'den', fault: 'none' })
    await fetch(`http://127.0.0.1:${program.port}/curations/groove/play`, { method: 'POST' })
    const ready = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${program.metricsPort}/readyz`)).json()
    await expect.poll(ready, { timeout: 10_000 }).toMatchObject({
      ready: true,
      players: 3,
      trouble: { [unplugged]: expect.stringContaining('refuses') as string },
    })
  })

  it.each(contract.sonosStarts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
