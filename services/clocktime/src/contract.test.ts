import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
import { bundled, type Program, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { createClocktime } from './app.ts'

const none = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }

describe('clocktime in process', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await serve(createClocktime('UTC'), 0, {
      log: createLog('clocktime', 'error'),
      metrics: createMetrics('clocktime'),
    })
  })
  afterAll(() => server.stop())

  it.each(contract.clocktimeRows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: server.port, ...none }, row)).toEqual([])
  })

  it.each([
    ['2026-01-01T00:00:00Z', 'UTC', '0000'],
    ['2026-07-01T23:59:30Z', 'Europe/Lisbon', '0059'],
    ['2026-01-01T12:05:00Z', 'America/New_York', '0705'],
  ])('%s in %s is %s', async (instant, zone, said) => {
    const answer = await createClocktime(
      zone,
      () => new Date(instant),
    )({ method: 'GET', parts: [''], target: '', arrived: 0, log: createLog('x', 'error') })
    expect(answer.body).toBe(said)
  })
})

describe('clocktime as it ships', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeslice-clocktime-'))
  let bundle = ''
  let program: Program
  beforeAll(async () => {
    bundle = await bundled('services/clocktime/src/main.ts', folder)
    program = await startProgram(bundle, [], { LOCATION: 'Local', LOG_LEVEL: 'INFO' })
  })
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
    rmSync(folder, { recursive: true })
  })

  it.each(contract.clocktimeRows.map((row) => [row.name, row] as const))('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: program.port, ...none }, row)).toEqual([])
  })

  it.each(contract.clocktimeStarts.map((row) => [row.name, row] as const))('does not start with %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
