import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { kasaSwitch } from './kasa/client.ts'
import { encodeFrame } from './kasa/frame.ts'
import { wemoSwitch } from './wemo/client.ts'

const host = '127.0.9.32'
const soon = (): AbortSignal => AbortSignal.timeout(10_000)
const opened = async (server: Server): Promise<number> => {
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
const refused = (reason: string | RegExp) => ({
  ok: false,
  kind: 'refused',
  reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
})

describe('a Kasa device that answers', () => {
  const asked = async (answer: (socket: Socket) => void) => {
    const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => answer(socket)))
    return kasaSwitch({ name: 'x', host, port: await opened(server) }).read(soon())
  }
  const on = encodeFrame('{"system":{"get_sysinfo":{"relay_state":1}}}')

  it.each<[string, (socket: Socket) => unknown, string | RegExp]>([
    ['by hanging up', (socket) => socket.end(), 'x broke off before it had answered'],
    ['with half a frame', (socket) => socket.end(on.subarray(0, 20)), 'x broke off before it had answered'],
    ['with a reset', (socket) => socket.resetAndDestroy(), 'x broke off: read ECONNRESET'],
    [
      'with half a frame and a reset',
      (socket) => socket.write(on.subarray(0, 20), () => socket.resetAndDestroy()),
      'x broke off: read ECONNRESET',
    ],
    ['with a frame too long', (socket) => socket.write(Buffer.from([0, 1, 0, 1])), /^x announced .* of 65537 bytes/u],
    ['with HTTP', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'), /^x announced an answer of 1213486160 bytes/u],
    ['with no JSON', (socket) => socket.write(encodeFrame('{"system"')), 'x answered something that is no JSON'],
  ])('%s is refused', async (_, answer, reason) => {
    expect(await asked(answer)).toEqual(refused(reason))
  })

  it.each<[string, (socket: Socket) => unknown]>([
    ['byte by byte', (socket) => [...on].forEach((byte) => socket.write(Buffer.from([byte])))],
    ['twice', (socket) => socket.write(Buffer.concat([on, on]))],
    ['and hangs up', (socket) => socket.end(on)],
  ])('%s is understood', async (_, answer) => {
    expect(await asked(answer)).toEqual({ ok: true, value: true })
  })

  it('nothing in time is silent, and is hung up on', async () => {
    const left = Promise.withResolvers<string>()
    const server = createServer((socket) => socket.resume().on('close', () => left.resolve('left')))
    const device = kasaSwitch({ name: 'x', host, port: await opened(server) })
    expect(await device.read(AbortSignal.timeout(100))).toEqual({
      ok: false,
      kind: 'silent',
      reason: 'x took the command and did not answer in time',
    })
    expect(await left.promise).toBe('left')
  })
})

describe('a Wemo device that answers', () => {
  const asked = async (answer: RequestListener, call: 'read' | 'set' = 'read') => {
    const device = wemoSwitch({ name: 'x', host, port: await opened(createHttpServer(answer)) })
    return call === 'read' ? device.read(soon()) : device.set(true, soon())
  }
  const length = { 'Content-Length': 1000 }

  it.each<[string, RequestListener, string | RegExp]>([
    [
      'Error to all',
      (_, response) => response.end('<BinaryState>Error</BinaryState>'),
      'x answered Error when asked for its state',
    ],
    ['by hanging up', ({ socket }) => socket.end(), /socket hang up$/u],
    ['with a reset', ({ socket }) => socket.resetAndDestroy(), /ECONNRESET|hang up/u],
    [
      'with half a body',
      ({ socket }, response) => response.writeHead(200, length).write('<', () => socket.end()),
      /^x broke off: /u,
    ],
    [
      'with more than it has to say',
      (_, response) => response.end('x'.repeat(70_000)),
      'x answered more than a switch has to say',
    ],
    ['with no HTTP', ({ socket }) => socket.end('0\r\n\r\n'), /Parse Error/u],
    ['with no state', (_, response) => response.end('<html>'), 'x answered without a state'],
  ])('%s is refused', async (_, answer, reason) => {
    expect(await asked(answer)).toEqual(refused(reason))
    expect((await asked(answer, 'set')).ok).toBe(false)
  })

  it('Error to a switch that it has made is believed when it then tells that state', async () => {
    const answer: RequestListener = ({ headers }, response) => {
      const state = String(headers.soapaction).includes('#Get') ? '1' : 'Error'
      response.end(`<BinaryState>${state}</BinaryState>`)
    }
    expect(await asked(answer, 'set')).toEqual({ ok: true, value: true })
  })
})

describe('a device that cannot be found', () => {
  // Nothing connects to a group of receivers: the system says at once that no way leads there.
  it.each([
    ['kasa', kasaSwitch({ name: 'x', host: '224.0.0.1' }), 'x at 224.0.0.1:9999 cannot be reached; is it plugged in?'],
    [
      'wemo',
      wemoSwitch({ name: 'x', host: '224.0.0.1' }),
      'x did not answer in time; is it plugged in and on the network?',
    ],
  ])('%s where no way leads is silent', async (_, device, reason) => {
    expect(await device.read(soon())).toEqual({ ok: false, kind: 'silent', reason })
  })

  it('by a name that is none is refused', async () => {
    expect(await kasaSwitch({ name: 'x', host: 'no..name' }).read(soon())).toEqual(
      refused('the name of x, no..name:9999, is not known'),
    )
  })

  it('behind a closed port says what to turn on', async () => {
    const server = createServer()
    const port = await opened(server)
    await new Promise((resolve) => server.close(resolve))
    expect(await kasaSwitch({ name: 'x', host, port }).read(soon())).toEqual(
      refused(/^x refuses connections at 127\.0\.9\.32:\d+; newer firmware closes it: /u),
    )
  })
})
