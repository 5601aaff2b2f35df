import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as hap from '@homebridge/hap-nodejs'
import type { AccessoryConfig, API } from 'homebridge'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { HttpAccessory, type Outcome, registerHttp } from './accessory.ts'

let asked: string[] = []
let says = { status: 200, body: '1' }
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  asked.push(`${request.method} ${request.url}`)
  response.writeHead(says.status).end(says.body)
})
let at = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
  says = { status: 200, body: '1' }
})

const accessoryOf = (config: Partial<AccessoryConfig>) => {
  const outcomes: Outcome[] = []
  const urls = { on_url: `${at}/on`, off_url: `${at}/off`, status_url: `${at}/status` }
  const accessory = new HttpAccessory(
    { accessory: 'Http', name: 'Porch', ...urls, ...config },
    { hap, onOutcome: (outcome) => outcomes.push(outcome) },
  )
  const [about, service] = accessory.getServices()
  const on = service!.getCharacteristic(hap.Characteristic.On)
  return {
    outcomes,
    about,
    on,
    turn: (value: boolean | number) => on.handleSetRequest(value),
    read: () => on.handleGetRequest(),
  }
}

describe('an accessory', () => {
  it.each([
    ['GET', undefined],
    ['POST', 'POST'],
  ])('calls on and off by %s, and reads by GET', async (method, http_method) => {
    const { turn, read, outcomes } = accessoryOf({ http_method })
    await turn(true)
    await turn(false)
    expect(await read()).toBe(true)
    expect(asked).toEqual([`${method} /on`, `${method} /off`, 'GET /status'])
    expect(outcomes.map(({ operation, result, says: said }) => [operation, result, said])).toEqual([
      ['on', 'ok', 'on'],
      ['off', 'ok', 'off'],
      ['status', 'ok', 'on'],
    ])
  })

  it('reads by the texts that it is given', async () => {
    says = { status: 200, body: 'OFF\n' }
    expect(await accessoryOf({ status_on: 'ON', status_off: 'OFF' }).read()).toBe(false)
  })

  it.each([
    [404, {}],
    [500, {}],
    [502, {}],
    [504, {}],
    [404, { errors: 'no-response' }],
    [204, { errors: 'no-response' }],
  ])('takes any answer for success: %s with %j', async (status, more) => {
    says = { status, body: '' }
    const { turn, read } = accessoryOf(more)
    await turn(true)
    expect(await read()).toBe(false)
  })

  it.each([
    ['no-response', 502],
    ['no-response', 504],
  ])('that is to be honest (%s) does not respond to %s', async (errors, status) => {
    says = { status, body: '' }
    const { turn, read, outcomes } = accessoryOf({ errors })
    await expect(turn(true)).rejects.toBe(-70402)
    await expect(read()).rejects.toBe(-70402)
    expect(outcomes.map(({ result, says: said }) => [result, said])).toEqual(
      Array.from({ length: 2 }, () => ['no-response', `no response: its service answered ${status}`]),
    )
  })

  it.each([{}, { errors: 'no-response' }])('does not respond where nobody answers: %j', async (more) => {
    const nobody = 'http://127.0.0.1:1/'
    const { turn, read } = accessoryOf({ on_url: nobody, status_url: nobody, ...more })
    await expect(turn(true)).rejects.toBe(-70402)
    await expect(read()).rejects.toBe(-70402)
  })

  it('without URLs does nothing, and remembers what it was told', async () => {
    const { turn, read } = accessoryOf({ on_url: '', off_url: undefined, status_url: undefined })
    await turn(1)
    await turn(false)
    expect([asked, await read()]).toEqual([[], false])
  })

  it('tells of changes that nobody made through it, where that is asked for', async () => {
    const { on, outcomes } = accessoryOf({ switchHandling: 'realtime', statusPollingInterval: 20 })
    await vi.waitFor(() => expect(on.value).toBe(true), 10_000)
    says = { status: 200, body: '0' }
    await vi.waitFor(() => expect(on.value).toBe(false), 10_000)
    expect(outcomes.length).toBeGreaterThan(1)
  })

  it('keeps what it knew while nobody answers', async () => {
    const { on, outcomes } = accessoryOf({
      switchHandling: 'realtime',
      statusPollingInterval: 20,
      status_url: 'http://127.0.0.1:1/',
    })
    on.updateValue(true)
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(1), 10_000)
    expect(on.value).toBe(true)
  })

  it('is registered under the name that configs use', () => {
    const registered: [string, new (...args: never[]) => HttpAccessory][] = []
    const api = { hap, registerAccessory: (...one: (typeof registered)[number]) => registered.push(one) }
    registerHttp(() => undefined)(api as unknown as API)
    const [[name, Accessory] = ['', HttpAccessory]] = registered
    expect(name).toBe('Http')
    expect(
      new Accessory(...([undefined, { accessory: 'Http', name: 'Porch' }, api] as never[])).getServices(),
    ).toHaveLength(2)
  })
})
