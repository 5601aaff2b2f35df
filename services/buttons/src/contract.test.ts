import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
import { bundled, freePort, type Program, startProgram, startWrongly } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { createButtons } from './app.ts'
import { createClock } from './clock.ts'
import { createMemory } from './memory.ts'

const none = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }
const folder = mkdtempSync(join(tmpdir(), 'homeslice-buttons-'))
const rows = contract.buttonsRows.map((row) => [row.name, row] as const)
let clock: Server
let clockUrl = ''
let clockSays = { status: 200, body: ' 1620 ' }

beforeAll(async () => {
  const port = await freePort()
  clock = createServer((_, response) => response.writeHead(clockSays.status).end(clockSays.body)).listen(port)
  clockUrl = `http://127.0.0.1:${port}`
})
afterAll(() => {
  clock.close()
  rmSync(folder, { recursive: true })
})

describe('buttons in process', () => {
  let server: RunningServer
  beforeAll(async () => {
    const app = createButtons({ memory: createMemory({ size: 128 }), clock: createClock(clockUrl) })
    server = await serve(app, 0, { log: createLog('buttons', 'error'), metrics: createMetrics('buttons') })
  })
  afterAll(() => server.stop())

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: server.port, ...none }, row)).toEqual([])
  })

  it.each([
    ['answers 500', { status: 500, body: '' }],
    ['answers 404', { status: 404, body: '' }],
  ])('is 500 when the clock %s', async (_, says) => {
    clockSays = says
    const row = contract.buttonsRows.find(({ name }) => name === 'with the time')
    const wrong = await contract.checkRow(
      { host: '127.0.0.1', port: server.port, ...none },
      { ...row!, status: 500, says: '' },
    )
    clockSays = { status: 200, body: '1620' }
    expect(wrong).toEqual([])
  })
})

describe('a clock', () => {
  it('that is not there, or does not answer within a second, tells nothing', async () => {
    const silent = createServer(() => undefined).listen(0)
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await createClock(`http://127.0.0.1:${port}`)()).toBeUndefined()
    expect(await createClock('http://127.0.0.1:1')()).toBeUndefined()
    silent.closeAllConnections()
    silent.close()
  })
})

describe('buttons as they ship', () => {
  let bundle = ''
  let program: Program
  beforeAll(async () => {
    bundle = await bundled('services/buttons/src/main.ts', folder)
    program = await startProgram(bundle, [], { CLOCKTIME_URL: clockUrl, BUTTONS_STATE_FILE: join(folder, 'kept.json') })
  })
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
  })

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: program.port, ...none }, row)).toEqual([])
  })

  it.each(contract.buttonsStarts.map((row) => [row.name, row] as const))('do not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
