import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { call } from './call.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

const serving = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
  const opening = createServer({}, answer)
  server = opening
  await new Promise<void>((resolve) => opening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(opening.address() as AddressInfo).port}/x`
}

describe('a call', () => {
  it.each(['GET', 'POST'])('gives the answer to %s, whatever its status', async (method) => {
    const url = await serving((request, response) => response.writeHead(502).end(`${request.method} ${request.url}`))
    expect(await call(method, url)).toEqual({ ok: true, status: 502, body: `${method} /x` })
  })

  it('leaves no connection open', async () => {
    const url = await serving((_, response) => response.end('1'))
    await call('GET', url)
    const open = await new Promise((resolve) => server?.getConnections((_, count) => resolve(count)))
    expect(open).toBe(0)
  })

  it.each<[string, Parameters<typeof createServer>[1], RegExp]>([
    ['is silent', () => undefined, /no answer within 2 s/u],
    ['never ends', (_, response) => void response.writeHead(200).write('1'), /no answer within 2 s/u],
    ['hangs up', (request) => void request.socket.destroy(), /no answer \(/u],
    [
      'breaks off',
      (_, response) => void response.writeHead(200, { 'Content-Length': 9 }).write('1', () => response.destroy()),
      /broke off/u,
    ],
    ['talks too much', (_, response) => void response.end('1'.repeat(100_000)), /far too long/u],
  ])('says why there is nothing where the other %s', async (_, answer, reason) => {
    const url = await serving(answer)
    expect(await call('GET', url, 2000)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string })
  })

  it('says so where nobody listens, in the clear and by TLS', async () => {
    for (const url of ['http://127.0.0.1:1/', 'https://127.0.0.1:1/'])
      expect(await call('GET', url)).toEqual({ ok: false, reason: expect.stringContaining('ECONNREFUSED') as string })
  })

  it('says so where the URL is none', async () => {
    for (const url of ['porch', 'ftp://127.0.0.1/'])
      expect(await call('GET', url)).toEqual({ ok: false, reason: expect.stringContaining(url) as string })
  })
})
