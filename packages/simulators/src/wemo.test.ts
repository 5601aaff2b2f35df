import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Simulator } from './fault.ts'
import { startWemo } from './wemo.ts'

const host = '127.0.9.5'
const place = '/upnp/control/basicevent1'
let simulator: Simulator
beforeAll(async () => {
  simulator = await startWemo({ name: 'Lamp <&> "1"', host })
})
afterAll(() => simulator.stop())

type Call = { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

/** On a connection of its own: a device cuts those that it has when its fault changes. */
const ask = async (path: string, { method = 'GET', headers = {}, body = '' }: Call = {}) => {
  const outgoing = request({ host, port: 49_153, agent: false, path, method, headers })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode as number, body: await text(response) }
}
const act = (action: string, state = '') =>
  ask(place, {
    method: 'POST',
    headers: { SOAPACTION: `"urn:Belkin:service:basicevent:1#${action}"` },
    body: `<BinaryState>${state}</BinaryState>`,
  })
const saying = (state: string) => ({
  status: 200,
  body: expect.stringContaining(`<BinaryState>${state}</BinaryState>`) as string,
})

describe('a simulated Wemo', () => {
  it('describes itself and its service, with its name as XML wants it', async () => {
    const setup = await ask('/setup.xml')
    expect(setup).toEqual({
      status: 200,
      body: expect.stringContaining('<friendlyName>Lamp &lt;&amp;&gt; &quot;1&quot;</friendlyName>') as string,
    })
    expect(setup.body).toContain(`<controlURL>${place}</controlURL>`)
    const [, events = ''] = /<SCPDURL>(.*)<\/SCPDURL>/u.exec(setup.body) ?? []
    const actions = (await ask(events)).body.matchAll(/<action><name>(\w+)</gu)
    expect([...actions].map(([, name]) => name)).toEqual(['SetBinaryState', 'GetBinaryState'])
  })

  it('is switched and read, and says Error when asked for what it is', async () => {
    simulator.setOn(false)
    expect(await act('SetBinaryState', '1')).toEqual(saying('1'))
    expect(await act('GetBinaryState')).toEqual(saying('1'))
    expect(await act('SetBinaryState', '1')).toEqual(saying('Error'))
    expect(simulator.state().on).toBe(true)
  })

  it('that is stuck says yes and does nothing', async () => {
    simulator.setOn(false)
    await simulator.setFault('stuck')
    expect(await act('SetBinaryState', '1')).toEqual(saying('1'))
    expect(simulator.state().on).toBe(false)
    await simulator.setFault('none')
  })

  it.each([
    ['an action that it has not', { method: 'POST', headers: { SOAPACTION: '"urn:x#Reboot"' } }, 500],
    ['no action', { method: 'POST' }, 500],
    ['no call', { method: 'GET' }, 404],
  ])('answers %s with an error', async (_, init, status) => {
    expect(await ask(place, init)).toEqual({ status, body: '' })
  })

  it('has nothing elsewhere', async () => {
    expect((await ask('/')).status).toBe(404)
  })

  it('survives one who breaks off in the middle of a call', async () => {
    const before = simulator.state().calls
    const socket = connect(49_153, host)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(`POST ${place} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n<s:E`)
    await expect.poll(() => simulator.state().calls, { timeout: 10_000 }).toBe(before + 1)
    socket.resetAndDestroy()
    expect((await act('GetBinaryState')).status).toBe(200)
  })
})
