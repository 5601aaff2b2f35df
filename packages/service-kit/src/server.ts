import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, empty } from './answer.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { pathParts } from './path.ts'

/** A request as handlers see it: bodies and query strings are ignored by contract. */
export type Request = {
  readonly method: string
  /** The decoded path split on "/". */
  readonly parts: readonly string[]
  /** `performance.now()` when the request arrived: deadlines count from here. */
  readonly arrived: number
  readonly log: Logger
}

/** Answers one request. */
export type Handler = (request: Request) => Answer | Promise<Answer>

type Around = { readonly log: Logger; readonly metrics: Metrics }

/** A server that runs, and its tidy end. */
export type RunningServer = { readonly port: number; readonly stop: () => Promise<void> }

/** How long the end may take before open connections are cut. */
const stopMilliseconds = 4000

/** Serves a handler: request ids, access log, metrics, bounded requests, graceful stop. */
export const serve = async (handler: Handler, port: number, around: Around): Promise<RunningServer> => {
  let stopping = false
  const server = createServer({ keepAlive: true }, (request, response) => {
    if (stopping) response.setHeader('Connection', 'close')
    void respond(handler, request, response, around)
  })
  // Longer than the gateway keeps idle connections: it must be the one that closes, or a request could meet a closed door.
  server.keepAliveTimeout = 120_000
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  await listen(server, port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: async () => {
      stopping = true
      await close(server)
    },
  }
}

/** Resolves when the port is open; rejects with the system's error if it cannot be had. */
export const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => {
      server.off('error', reject)
      resolve()
    })
  })

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), stopMilliseconds)
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(idle)
      resolve()
    })
  })

const respond = async (
  handler: Handler,
  message: IncomingMessage,
  response: ServerResponse,
  around: Around,
): Promise<void> => {
  const arrived = performance.now()
  const id = requestId(message)
  const log = around.log.child({ request: id })
  const method = message.method ?? 'GET'
  message.resume()
  const parts = pathParts(message.url ?? '/')
  const answer = parts === undefined ? empty(400) : await answerOf(handler, { method, parts, arrived, log })
  response.setHeader('X-Request-Id', id)
  send(response, answer, method)
  const seconds = (performance.now() - arrived) / 1000
  around.metrics.requests.observe({ method: knownMethod(method), status: answer.status }, seconds)
  log.info({ method, path: message.url, status: answer.status, seconds }, 'request')
}

const answerOf = async (handler: Handler, request: Request): Promise<Answer> => {
  try {
    return await handler(request)
  } catch (bug) {
    request.log.error({ err: bug }, 'this is a bug: a handler threw')
    return empty(500)
  }
}

const send = (response: ServerResponse, { status, body = '', headers = {} }: Answer, method: string): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body !== '') response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  // By contract an error to HEAD says nothing about a length.
  if (method !== 'HEAD' || status < 400) response.setHeader('Content-Length', Buffer.byteLength(body))
  response.writeHead(status)
  response.end(body)
}

/** The caller's id where it is a sane one, so that a request can be followed from the gateway on. */
const requestId = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\w.:-]{1,64}$/u.test(given) ? given : randomUUID()
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])

/** Anyone can invent methods; each would be a time series. */
const knownMethod = (method: string): string => (methods.has(method) ? method : 'other')
