import { once } from 'node:events'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '@homeslice/testing'
import { type KasaSimulator, startKasa } from './kasa.ts'
import { smartAnswer } from './kasa/smart.ts'

const host = '127.0.9.6'
let simulator: KasaSimulator
beforeAll(async () => {
  simulator = await startKasa({ name: 'porch', host, port: await freePort(), klap: { version: 2 } })
})
afterAll(() => simulator.stop())

/** On a connection of its own: a device cuts those that it has when its fault changes. */
const post = async (path: string, body: Buffer = Buffer.alloc(0), cookie = '') => {
  const { port } = simulator.state()
  const outgoing = request({ host, port, agent: false, path, method: 'POST', headers: { Cookie: cookie } })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  return {
    status: response.statusCode as number,
    body: await buffer(response),
    cookie: String(response.headers['set-cookie'] ?? ''),
  }
}
const seed = Buffer.alloc(16, 7)

describe('a simulated device with KLAP', () => {
  it('gives a seed, a proof and a session to one who asks', async () => {
    const begun = await post('/app/handshake1', seed)
    expect([begun.status, begun.body.length]).toEqual([200, 48])
    expect(begun.cookie).toMatch(/^TP_SESSIONID=[0-9A-F]{32};TIMEOUT=86400$/u)
  })

  it('forbids what is not proved', async () => {
    const { cookie } = await post('/app/handshake1', seed)
    expect((await post('/app/handshake2', Buffer.alloc(32), cookie)).status).toBe(403)
    expect((await post('/app/request?seq=1', Buffer.alloc(64), cookie)).status).toBe(403)
    expect((await post('/app/handshake2', Buffer.alloc(32))).status).toBe(403)
    expect((await post('/app/request?seq=1', Buffer.alloc(64))).status).toBe(403)
    expect(simulator.logins()).toBe(0)
  })

  it.each([
    ['a seed of another length', '/app/handshake1', Buffer.alloc(15), 400],
    ['another path', '/app/other', Buffer.alloc(0), 404],
    ['one who speaks something else', '/app', Buffer.from('{"method":"component_nego"}'), 200],
  ])('answers %s', async (_, path, body, status) => {
    const answer = await post(path, body)
    expect([answer.status, answer.body.toString()]).toEqual([status, status === 200 ? '{"error_code":1003}' : ''])
  })

  it('hangs up on one who sends more than any command holds, and survives it', async () => {
    await expect(post('/app/handshake1', Buffer.alloc(200_000))).rejects.toThrow(/ECONNRESET|EPIPE|hang up/u)
    expect((await post('/app/handshake1', seed)).status).toBe(200)
  })

  it('forbids everything where its app has local control turned off', async () => {
    await simulator.setFault('forbidden')
    expect((await post('/app/handshake1', seed)).status).toBe(403)
    await simulator.setFault('none')
    expect((await post('/app/handshake1', seed)).status).toBe(200)
  })
})

describe('the language of Tapo devices', () => {
  const device = {
    name: 'x',
    isStrip: false,
    outlets: [{ alias: 'x', id: 'i', on: false }],
    fault: () => 'none' as const,
  }
  it.each([
    ['a list', [], -1003],
    ['no method', {}, -1003],
    ['a method that it has not', { method: 'constructor' }, -1002],
    ['a state that is none', { method: 'set_device_info', params: { device_on: 1 } }, -1008],
    ['no parameters', { method: 'set_device_info' }, -1008],
    ['outlets of a plug', { method: 'get_child_device_list' }, -1002],
    ['what the outlets of a plug know', { method: 'get_child_device_component_list' }, -1002],
    ['an outlet that it has not', { method: 'control_child', params: { device_id: 'j' } }, -1008],
  ])('has an error for %s', (_, asked, code) => {
    expect(smartAnswer(device, asked)).toEqual({ error_code: code })
  })

  it('takes several at once, and says of each how it ended', () => {
    const requests = [{ method: 'set_device_info', params: { device_on: true } }, 7]
    expect(smartAnswer(device, { method: 'multipleRequest', params: { requests } })).toEqual({
      error_code: 0,
      result: {
        responses: [
          { method: 'set_device_info', error_code: 0 },
          { method: '', error_code: -1003 },
        ],
      },
    })
    expect(smartAnswer(device, { method: 'multipleRequest' })).toEqual({ error_code: 0, result: { responses: [] } })
  })

  it('tells the time and what it can', () => {
    for (const method of ['component_nego', 'get_device_time', 'get_device_info'])
      expect(smartAnswer(device, { method })).toMatchObject({ error_code: 0 })
    const strip = { ...device, isStrip: true }
    for (const method of ['component_nego', 'get_child_device_component_list'])
      expect(smartAnswer(strip, { method })).toMatchObject({ error_code: 0 })
  })
})
