import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '@homeslice/testing'
import { kasaSwitch } from './kasa/client.ts'
import { encodeFrame } from './kasa/frame.ts'
import type { Trouble } from './switch.ts'
import { wemoSwitch } from './wemo/client.ts'

const host = '127.0.9.32'
const soon = (): AbortSignal => AbortSignal.timeout(10_000)
const opened = async (server: Server): Promise<number> => {
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}
const refused = (reason: string | RegExp, trouble: Trouble) => ({
  ok: false,
  kind: 'refused',
  reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
  trouble,
})

describe('a Kasa device that answers', () => {
  const asked = async (answer: (socket: Socket) => void) => {
    const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => answer(socket)))
    return kasaSwitch({ name: 'x', host, port: await opened(server) }).read(soon())
  }
  const on = encodeFrame('{"system":{"get_sysinfo":{"relay_state":1}}}')

  const hungUp = ['x broke off before it had answered', 'broke-off'] as const
  const reset = ['x broke off: read ECONNRESET', 'broke-off'] as const
  it.each<[string, (socket: Socket) => unknown, string | RegExp, Trouble]>([
    ['by hanging up', (socket) => socket.end(), ...hungUp],
    ['with half a frame', (socket) => socket.end(on.subarray(0, 20)), ...hungUp],
    ['with a reset', (socket) => socket.resetAndDestroy(), ...reset],
    [
      'with half a frame and a reset',
      (socket) => socket.write(on.subarray(0, 20), () => socket.resetAndDestroy()),
      ...reset,
    ],
    [
      'with a frame too long',
      (socket) => socket.write(Buffer.from([0, 1, 0, 1])),
      /^x announced .* of 65537 bytes/u,
      'nonsense',
    ],
    [
      'with HTTP',
      (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
      /^x announced an answer of 1213486160 bytes/u,
      'nonsense',
    ],
    [
      'with no JSON',
      (socket) => socket.write(encodeFrame('{"system"')),
      'x answered something that is no JSON',
      'nonsense',
    ],
    [
      'in no language that we know',
      (socket) => socket.write(encodeFrame('{"error_code":7}')),
      'x refused with error 7',
      'said-no',
    ],
  ])('%s is refused', async (_, answer, reason, trouble) => {
    expect(await asked(answer)).toEqual(refused(reason, trouble))
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

  it.each<[string, RequestListener, string | RegExp, Trouble]>([
    [
      'Error to all',
      (_, response) => response.end('<BinaryState>Error</BinaryState>'),
      'x answered Error when asked for its state: unplug it for ten seconds',
      'said-no',
    ],
    ['by hanging up', ({ socket }) => socket.end(), /^x at [\d.]+ broke off: socket hang up$/u, 'broke-off'],
    ['with a reset', ({ socket }) => socket.resetAndDestroy(), /ECONNRESET|hang up/u, 'broke-off'],
    [
      'with half a body',
      ({ socket }, response) => response.writeHead(200, length).write('<', () => socket.end()),
      'x broke off before it had answered',
      'broke-off',
    ],
    [
      'with more than it has to say',
      (_, response) => response.end('x'.repeat(70_000)),
      'x answered more than a switch has to say',
      'nonsense',
    ],
    ['with no HTTP', ({ socket }) => socket.end('0\r\n\r\n'), /Parse Error/u, 'broke-off'],
    ['with no state', (_, response) => response.end('<html>'), /^x answered without a state, as no Wemo/u, 'stranger'],
    ['with a state that is none', (_, response) => response.end('<BinaryState>on</BinaryState>'), /none$/u, 'nonsense'],
    ['500', (_, response) => response.writeHead(500).end(), /unplug it for ten seconds$/u, 'said-no'],
    ['404', (_, response) => response.writeHead(404).end(), /answered 404, as no Wemo device does: set/u, 'stranger'],
  ])('%s is refused', async (_, answer, reason, trouble) => {
    expect(await asked(answer)).toEqual(refused(reason, trouble))
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
  const moved = (host: string) =>
    `x at ${host} does not answer: plug it in, or set its new address if the router gave it another`

  // Nothing connects to a group of receivers: the system says at once that no way leads there.
  it.each([
    ['kasa', kasaSwitch({ name: 'x', host: '224.0.0.1' })],
    ['wemo', wemoSwitch({ name: 'x', host: '224.0.0.1' })],
  ])('%s where no way leads is silent', async (_, device) => {
    expect(await device.read(soon())).toEqual({
      ok: false,
      kind: 'silent',
      reason: moved('224.0.0.1'),
      trouble: 'unreachable',
    })
  })

  it.each([
    ['kasa', kasaSwitch({ name: 'x', host: 'no..name' })],
    ['wemo', wemoSwitch({ name: 'x', host: 'no..name' })],
  ])('%s by a name that is none is refused', async (_, device) => {
    expect(await device.read(soon())).toEqual(refused(/^the name of x, no..name, is not known: set/u, 'unknown-name'))
  })

  it('behind closed ports says what to turn on', async () => {
    const [port, klapPort] = [await freePort(), await freePort()]
    expect(await kasaSwitch({ name: 'x', host, port, klapPort }).read(soon())).toEqual(
      refused(
        `x at ${host} refuses connections at ports ${port} and ${klapPort}: turn on "Third-Party Integration" in the Kasa app, or set its address if it has changed`,
        'closed',
      ),
    )
  })

  it('behind closed ports of a Wemo says so', async () => {
    expect(await wemoSwitch({ name: 'x', host: '127.0.9.33' }).read(soon())).toEqual(
      refused(/^x at 127.0.9.33 refuses connections on every port that Wemo devices use: set its address/u, 'closed'),
    )
  })
})
