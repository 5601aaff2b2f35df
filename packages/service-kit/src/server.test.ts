import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { empty, text } from './answer.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { type Handler, type Limits, type RunningServer, serve } from './server.ts'

const metrics = createMetrics('tested')
const log = createLog('tested', 'error')

const answers: Handler = async ({ method, parts: [, word], arrived }) => {
  if (word === 'text') return text('käse')
  if (word === 'throw') throw new Error('on purpose')
  if (word === 'impossible') return empty(200, { 'X-Broken': 'a\nb' })
  if (word !== 'slow') return empty(method === 'BREW' ? 418 : 404, { 'X-Why': 'unknown' })
  await sleep(300)
  return text(String(performance.now() - arrived >= 290))
}

const started = async (limits?: Limits): Promise<RunningServer> => {
  // What is a bug is logged; here they are on purpose.
  const quiet = createLog('tested', 'error')
  quiet.level = 'silent'
  return serve(answers, 0, { log: quiet, metrics, ...(limits === undefined ? {} : { limits }) })
}

/** Unlike `once`, an error on the way is no reason to throw. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.on('error', () => undefined).on('close', () => resolve()))

/** Sends bytes and gives all that comes back until the other side closes. */
const exchange = async (port: number, ...chunks: (string | Buffer)[]): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.setEncoding('latin1').on('data', (some: string) => (said += some))
  for (const chunk of chunks) socket.write(chunk)
  await closed(socket)
  return said
}

const request = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: h', 'Connection: close', ...headers, '', ''].join('\r\n')

let server: RunningServer
beforeAll(async () => {
  server = await started()
})
afterAll(() => server.stop())
afterEach(() => metrics.requests.reset())

describe('answers', () => {
  it('are exact to the byte, with the caller’s id', async () => {
    const said = await exchange(server.port, request('GET /text', 'X-Request-Id: a.b-c:1'))
    expect(said.replace(/Date: .*\r\n/u, '').split('\r\n')).toEqual([
      'HTTP/1.1 200 OK',
      'X-Request-Id: a.b-c:1',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Length: 5',
      'Connection: close',
      '',
      Buffer.from('käse').toString('latin1'),
    ])
  })

  it.each([
    [
      'no body and a length of 0',
      'GET /x',
      /404 Not Found\r\n(?!.*Content-Type).*X-Why: unknown\r\n.*Content-Length: 0/su,
    ],
    ['no length to HEAD when it is an error', 'HEAD /x', /404 Not Found(?!.*Content-Length)/su],
    ['a length and no body to HEAD when it is none', 'HEAD /text', /200 OK.*Content-Length: 5\r\n.*\r\n\r\n$/su],
    ['400 to what cannot be decoded', 'GET /%zz', /400 Bad Request.*Content-Length: 0/su],
    ['500 where a handler throws', 'GET /throw', /500 Internal Server Error.*Content-Length: 0/su],
    ['counted from the arrival', 'GET /slow', /true$/u],
  ])('have %s', async (_, line, said) => {
    expect(await exchange(server.port, request(line))).toMatch(said)
  })

  it.each([
    ['none', []],
    ['an odd one', ['X-Request-Id: a b']],
    ['one too long', [`X-Request-Id: ${'a'.repeat(65)}`]],
  ])('get an id of ours where the caller sent %s', async (_, headers) => {
    expect(await exchange(server.port, request('GET /text', ...headers))).toMatch(/X-Request-Id: [\da-f-]{36}\r\n/u)
  })

  it('are measured; methods that somebody invents are one', async () => {
    await exchange(server.port, request('GET /text'))
    await exchange(server.port, request('PROPFIND /text'))
    const { values } = await metrics.requests.get()
    expect(values.filter(({ metricName }) => metricName?.endsWith('_count')).map(({ labels }) => labels)).toEqual([
      expect.objectContaining({ method: 'GET', status: 200 }),
      expect.objectContaining({ method: 'other', status: 200 }),
    ])
  })
})

describe('hostile input', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a head of 100 KB', request('GET /text', `X-Long: ${'a'.repeat(100_000)}`)],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', request('POST /text', 'Content-Length: 1', 'Content-Length: 2')],
    ['a length and chunks', request('POST /text', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
  ])('%s is 400', async (_, bytes) => {
    expect(await exchange(server.port, bytes)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/u)
  })

  it('a body is ignored, whatever it calls itself', async () => {
    const body = request('POST /text', 'Content-Type: application/json', 'Content-Length: 3').concat('{{{')
    expect(await exchange(server.port, body)).toMatch(/^HTTP\/1\.1 200 OK/u)
  })

  it.each(['/text', '/slow'])('a body without end to %s costs its sender the connection', async (path) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.resume().write(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n`)
    const pour = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
    }
    socket.on('connect', pour).on('drain', pour)
    await closed(socket)
    expect(socket.bytesWritten).toBeLessThan(100_000_000)
  })

  it('a handler’s impossible answer closes the connection and leaves the server running', async () => {
    expect(await exchange(server.port, request('GET /impossible'))).toBe('')
    expect(await exchange(server.port, request('GET /text'))).toMatch(/200 OK/u)
  })

  it('a head that dribbles in is given up', async () => {
    const quick = await started({ head: 200, request: 400, stop: 500 })
    onTestFinished(() => quick.stop())
    const socket = connect(quick.port, '127.0.0.1')
    socket.resume().write('GET /text HTTP/1.1\r\n')
    const dribble = setInterval(() => socket.writable && socket.write('a'), 50)
    const before = performance.now()
    await closed(socket)
    clearInterval(dribble)
    expect(performance.now() - before).toBeGreaterThan(150)
  })
})

describe('the end', () => {
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (port: number, path: string) => {
    const [response] = await once(get({ host: '127.0.0.1', port, path, agent: kept }), 'response')
    let body = ''
    for await (const chunk of response) body += String(chunk)
    return { status: response.statusCode, connection: response.headers.connection, body }
  }
  afterAll(() => kept.destroy())

  it('waits for answers under way, closes kept connections, and lets nobody in', async () => {
    const ending = await started()
    expect(await ask(ending.port, '/text')).toMatchObject({ status: 200, connection: 'keep-alive' })
    const underway = ask(ending.port, '/slow')
    await sleep(100)
    const stopped = ending.stop()
    expect(await underway).toEqual({ status: 200, connection: 'close', body: 'true' })
    await stopped
    expect(await exchange(ending.port, request('GET /text'))).toBe('')
  })

  it('does not wait for ever', async () => {
    const ending = await started({ head: 10_000, request: 30_000, stop: 100 })
    const cut = exchange(ending.port, request('GET /slow'))
    await sleep(50)
    await ending.stop()
    expect(await cut).toBe('')
  })

  it('is told when a port cannot be had', async () => {
    await expect(serve(answers, server.port, { log, metrics })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
