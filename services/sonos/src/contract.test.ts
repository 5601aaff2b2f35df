import { setTimeout as sleep } from 'node:timers/promises'
import { load } from 'js-yaml'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sonosPlayer } from '@homeslice/devices'
import { createLog, createMetrics, type Metrics, type RunningServer, serve, type Service } from '@homeslice/service-kit'
import { type PlaylistPage, startPlaylistPage } from '@homeslice/simulators'
import { freePort } from '@homeslice/testing'
import * as contract from '@homeslice/testing/contract'
import { type Config, configOf } from './config.ts'
import { makeSonos } from './make.ts'
import { configText, type SimulatedSpeakers, startSpeakers } from './simulated.testing.ts'

const addresses = { den: '127.0.7.21', other: '127.0.7.22' } as const
/** Nobody is there: the speaker that was unplugged. */
const unplugged = '127.0.7.23'
const rows = contract.sonosRows.map((row) => [row.name, row] as const)

let server: RunningServer
let service: Service
let control: SimulatedSpeakers
let page: PlaylistPage
let pages = ''
const metrics = createMetrics('sonos')
const log = createLog('sonos', 'error')
type More = { readonly strictPause?: boolean; readonly players?: readonly string[]; readonly now?: () => number }
const made = (
  { players: others = [addresses.other, unplugged], now, ...more }: More = {},
  registry?: Metrics['registry'],
) => {
  const config = configOf(load(configText({ den: addresses.den, others })), 'here') as Config
  const player = (host: string) => sonosPlayer({ name: host, host })
  return makeSonos({
    config: { ...config, ...more },
    coordinator: player(config.coordinator),
    players: config.players.map(player),
    pages,
    log,
    registry: registry ?? createMetrics('sonos').registry,
    ...(now === undefined ? {} : { now }),
  })
}
const target = (to = server): contract.Target => ({ host: '127.0.0.1', port: to.port, ...control })
const ask = async (method: string, path: string, to = server) => {
  const answer = await fetch(`http://127.0.0.1:${to.port}${path}`, { method })
  return { status: answer.status, body: await answer.text() }
}
const post = (path: string, to = server) => ask('POST', `/curations/${path}`, to)

beforeAll(async () => {
  log.level = 'silent'
  control = await startSpeakers(addresses)
  const port = await freePort()
  page = await startPlaylistPage({ name: 'apple', host: '127.0.0.1', port })
  pages = `http://127.0.0.1:${port}`
  service = made({}, metrics.registry)
  server = await serve(service.handler, 0, { log, metrics })
}, 60_000)
afterAll(async () => {
  await service.close?.()
  await server.stop()
  await control.stop()
  await page.stop()
})
const other = async (given: Service): Promise<RunningServer> => serve(given.handler, 0, { log, metrics })
const steps = async (id: string, to = server) =>
  (
    JSON.parse((await ask('GET', `/curations/${id}`, to)).body) as {
      steps: { player: string; step: string; ok: boolean }[]
    }
  ).steps

describe('sonos in process, one speaker unplugged', () => {
  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow(target(), row)).toEqual([])
  })
})

describe('a curation that is played', () => {
  afterEach(async () => {
    await control.device({ device: 'den', fault: 'none' })
    await control.other.setFault('none')
    await page.setFault('none')
  })

  it('is on every speaker that is there, as loud as it says, whatever became of the one that is not', async () => {
    control.other.set({ volume: 5, coordinator: control.other.uid })
    control.den.set({ volume: 5 })
    await post('groove/pause')
    expect(await post('groove/play')).toEqual({ status: 200, body: '1' })
    await expect.poll(() => control.other.state().coordinator, { timeout: 10_000 }).toBe(control.den.uid)
    expect([control.den.state().volume, control.other.state().volume]).toEqual([31, 31])
    await expect.poll(() => control.den.state().on, { timeout: 10_000 }).toBe(true)
    expect(control.den.state().uri).toBe('x-rincon-mp3radio://radio.example/groove?a=1&b=2')
    await expect
      .poll(async () => (await steps('groove')).filter(({ step }) => step === 'join').length, { timeout: 15_000 })
      .toBe(4)
    expect(await ask('GET', '/curations/groove/status')).toEqual({ status: 200, body: '1' })
    expect(service.facts?.()).toMatchObject({
      players: 3,
      curations: 3,
      trouble: { [unplugged]: expect.stringContaining('refuses connections') as string },
    })
    const text = await metrics.registry.metrics()
    expect(text).toMatch(/homeslice_device_answers\{device="127\.0\.7\.23",service="sonos"\} 0/u)
    expect(text).toMatch(
      /homeslice_device_commands_total\{device="127\.0\.7\.21",operation="play",result="ok",service="sonos"\}/u,
    )
  })

  it('leaves the volume alone where it says none, and shuffles a playlist from its first track', async () => {
    await post('groove/pause')
    control.den.set({ volume: 7, playMode: 'NORMAL' })
    await post('dinner/play')
    await expect.poll(() => control.den.state().on, { timeout: 10_000 }).toBe(true)
    expect(control.den.state()).toMatchObject({ volume: 7, playMode: 'SHUFFLE', track: 1 })
    expect(control.den.state().queue).toHaveLength(3)
    // A track that somebody adds makes it another list, and one of another service no match for anything.
    const alien = {
      uri: 'x-sonos-spotify:a',
      title: 'Song 1 & <more>',
      artist: 'Artist of pl.one',
      album: '"Album" 1',
      seconds: 9,
    }
    await expect
      .poll(async () => (await steps('dinner')).filter(({ step }) => step === 'join').length, { timeout: 15_000 })
      .toBe(4)
    await service.close?.()
    control.den.set({ queue: [...control.den.state().queue.slice(1), alien] })
    expect((await post('dinner/status')).body).toBe('0')
  })

  it('is known by its public page where the queue does not tell', async () => {
    for (const shape of ['array', 'object'] as const) {
      page.setShape(shape)
      const fresh = made()
      const to = await other(fresh)
      await post('groove/pause', to)
      let asked = 0
      let { queue } = control.den.state()
      // The queue is there, and the speaker does not tell of it while it is put there.
      control.den.onCall((action) => {
        if (action === 'Browse') asked += 1
        if (action === 'Browse' && asked === 1) {
          queue = control.den.state().queue
          control.den.set({ queue: [] })
        }
        if (action === 'SetPlayMode') control.den.set({ queue })
      })
      await post('dinner/play', to)
      await expect.poll(async () => (await post('dinner/status', to)).body, { timeout: 15_000 }).toBe('1')
      control.den.onCall(() => undefined)
      await fresh.close?.()
      await to.stop()
    }
    expect(page.state().calls).toBe(2)
  }, 60_000)

  it('is asked for once by equal reads in flight, and not again for 16 s', async () => {
    let time = 0
    const to = await other(made({ now: () => time }))
    await control.device({ device: 'den', fault: 'slow' })
    const { calls } = control.den.state()
    const reads = Array.from({ length: 5 }, () => post('groove/status', to))
    expect(new Set((await Promise.all(reads)).map(({ status }) => status))).toEqual(new Set([200]))
    await post('groove/status', to)
    // What is loaded, and whether it plays.
    time = 15_999
    await post('groove/status', to)
    expect(control.den.state().calls - calls).toBe(2)
    time = 16_001
    await post('groove/status', to)
    expect(control.den.state().calls - calls).toBe(4)
    await to.stop()
  })

  it('tells its state in words where that is asked for', async () => {
    await post('words/pause')
    expect((await post('words/status')).body).toBe('0 OFF')
    await post('words/play')
    await expect.poll(() => control.den.state().on, { timeout: 10_000 }).toBe(true)
    await sleep(200)
    await expect.poll(async () => (await post('words/status')).body, { timeout: 30_000, interval: 500 }).toBe('1 ON')
  }, 60_000)

  it('pauses only what plays where that is asked for', async () => {
    const strict = await other(made({ strictPause: true, players: [] }))
    await post('groove/pause', strict)
    control.den.setOn(false)
    await post('groove/play', strict)
    await expect.poll(() => control.den.state().on, { timeout: 10_000 }).toBe(true)
    await expect
      .poll(async () => (await post('groove/status', strict)).body, { timeout: 10_000, interval: 100 })
      .toBe('1')
    expect(await post('dinner/pause', strict)).toEqual({ status: 200, body: '1' })
    expect(control.den.state().on).toBe(true)
    expect(await post('groove/pause', strict)).toEqual({ status: 200, body: '1' })
    expect(control.den.state().on).toBe(false)
    await strict.stop()
  })

  it('that is followed at once by a pause leaves silence, and by another leaves that other', async () => {
    const fresh = made({ players: [] })
    const to = await other(fresh)
    const begun = (action: string) =>
      new Promise<void>((resolve) => control.den.onCall((called) => void (called === action && resolve())))
    await control.device({ device: 'den', fault: 'none', on: false })
    const queueing = begun('AddURIToQueue')
    await post('dinner/play', to)
    await queueing
    // Nothing plays yet, which is what the speaker says; but nothing may play afterwards either.
    await post('dinner/pause', to)
    await sleep(500)
    expect(control.den.state().on).toBe(false)
    const again = begun('AddURIToQueue')
    await post('dinner/play', to)
    await again
    await post('groove/play', to)
    await expect.poll(() => control.den.state().on, { timeout: 10_000 }).toBe(true)
    await sleep(500)
    expect(control.den.state().uri).toBe('x-rincon-mp3radio://radio.example/groove?a=1&b=2')
    control.den.onCall(() => undefined)
    await fresh.close?.()
    await to.stop()
  })

  it('answers the other requests in time while one speaker is silent', async () => {
    await control.other.setFault('silent')
    await post('groove/pause')
    expect((await post('groove/play')).status).toBe(200)
    await expect.poll(() => control.den.state().on, { timeout: 5000 }).toBe(true)
    expect(
      await contract.checkRow(target(), {
        name: '',
        method: 'POST',
        path: '/curations/groove/status',
        status: 200,
        says: '1',
        withinMilliseconds: 1500,
      }),
    ).toEqual([])
  })
})
