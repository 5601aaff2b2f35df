import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answer, type Call, createTransport, patient } from './http.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A server that answers by these listeners, one after another; the last one stays. */
const serve = async (...listeners: RequestListener[]) => {
  const seen: string[] = []
  server = createServer((request, response) => {
    const listener = listeners[Math.min(seen.length, listeners.length - 1)]
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
    listener?.(request, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/below/`
  const transport = createTransport(url, async () => ({ headers: { authorization: 'Bearer t' } }))
  return {
    seen,
    transport,
    ask: (call: Partial<Call> = {}) => patient(transport)({ method: 'GET', path: '/x', ...call }),
  }
}
const text =
  (body: string, status = 200, headers = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body)
const codeOf = (answer: Answer): string => ('error' in answer ? (answer.error.code ?? answer.error.name) : 'answered')

describe('a call', () => {
  it('goes below the path of the server, with the identity of the caller', async () => {
    const { ask, seen } = await serve(text('{"a":1}'))
    expect(await ask()).toEqual({ status: 200, body: { a: 1 }, retryAfter: undefined })
    expect(seen).toEqual(['GET /below/x Bearer t'])
  })

  it('sends its body under its content type', async () => {
    const { ask } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => text(JSON.stringify([request.headers['content-type'], body]))(request, response))
    })
    const answer = await ask({ method: 'PATCH', body: { a: 'ä' }, contentType: 'application/apply-patch+yaml' })
    expect(answer).toMatchObject({ body: ['application/apply-patch+yaml', '{"a":"ä"}'] })
  })

  it('keeps what is no JSON as text: a log, or the error page of a proxy', async () => {
    const { ask } = await serve(text('line', 200, { 'Content-Type': 'text/plain' }), text('<html>', 404))
    expect(await ask()).toMatchObject({ status: 200, body: 'line' })
    expect(await ask()).toMatchObject({ status: 404, body: '<html>' })
  })

  it('never takes broken JSON for an answer', async () => {
    const { ask, seen } = await serve(text('{"items":['))
    expect(codeOf(await ask())).toBe('EBADMSG')
    expect(seen).toHaveLength(1)
  })

  it('gives up a server that hangs, once, and says so', async () => {
    const { ask, seen } = await serve(() => undefined)
    const answer = await ask({ timeoutSeconds: 0.1 })
    expect('error' in answer && answer.error.message).toBe('no answer within 0.1 s')
    expect(seen).toHaveLength(1)
  })

  it('gives up a server that hangs in the middle of its answer', async () => {
    const { ask } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"items":[')
    })
    expect(codeOf(await ask({ timeoutSeconds: 0.1 }))).toBe('ETIMEDOUT')
  })

  it('is repeated after the time that the server asks for, whatever its method', async () => {
    const { ask, seen } = await serve(text('{}', 429, { 'Retry-After': '1' }), text('{}', 201))
    const begun = performance.now()
    expect(await ask({ method: 'POST', body: {} })).toMatchObject({ status: 201 })
    expect([seen.length, performance.now() - begun > 700]).toEqual([2, true])
  })

  it('is not repeated once the caller aborts', async () => {
    const abort = new AbortController()
    const { ask, seen } = await serve(text('{}', 503))
    setTimeout(() => abort.abort(), 50)
    const answer = await ask({ signal: abort.signal })
    expect([codeOf(answer), seen.length <= 2]).toEqual(['ABORT_ERR', true])
  })

  it('goes over kept connections, at most so many at a time', async () => {
    let open = 0
    let most = 0
    const { ask } = await serve((request, response) => {
      open += 1
      most = Math.max(most, open)
      setTimeout(() => {
        open -= 1
        text('{}')(request, response)
      }, 5)
    })
    const sockets = new Set<unknown>()
    server?.on('connection', (socket) => sockets.add(socket))
    await Promise.all(Array.from({ length: 100 }, () => ask()))
    expect([most <= 24, sockets.size <= 24]).toEqual([true, true])
  })
})
