import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, empty } from './answer.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { pathParts } from './path.ts'

/** A request as handlers see it: bodies and query strings are ignored by contract. */
export type Request = {
  readonly method: string
  /** The decoded path split on "/". */
  readonly parts: readonly string[]
  /** The path as it was sent, with its query. */
  readonly target: string
  /** `performance.now()` when the request arrived: deadlines count from here. */
  readonly arrived: number
  readonly log: Logger
}

/** Answers one request. */
export type Handler = (request: Request) => Answer | Promise<Answer>

/** How long a server waits for others, in milliseconds. */
export type Limits = {
  /** For the head of a request; after it the connection is closed. */
  readonly head: number
  /** For a whole request, its body included. */
  readonly request: number
  /** At the end, for answers under way; then open connections are cut. */
  readonly stop: number
}

const usualLimits: Limits = { head: 10_000, request: 30_000, stop: 4000 }

type Around = {
  readonly log: Logger
  readonly metrics: Metrics
  /** @default 10 s for a head, 30 s for a request, 4 s for the end */
  readonly limits?: Limits
  /** The address to listen on. @default all interfaces */
  readonly host?: string | undefined
}

/** A server that runs, and its tidy end. */
export type RunningServer = { readonly port: number; readonly stop: () => Promise<void> }

/** Bodies are ignored by contract: what is longer ends the connection once the request is answered. */
const bodyLimit = 8 * 1024 * 1024

/** A house has tens of clients; more open connections than this are an attack or a leak. */
const connectionLimit = 1000

/** Serves a handler: request ids, access log, metrics, bounded requests, graceful stop. */
export const serve = async (handler: Handler, port: number, around: Around): Promise<RunningServer> => {
  let stopping = false
  const limits = around.limits ?? usualLimits
  const server = createServer(
    {
      keepAlive: true,
      // Longer than the gateway keeps idle connections: it must be the one that closes, or a request could meet a closed door.
      keepAliveTimeout: 120_000,
      headersTimeout: limits.head,
      requestTimeout: limits.request,
      connectionsCheckingInterval: limits.head / 5,
    },
    (request, response) => {
      ignoreBody(request, response)
      respond(handler, { request: request as Arrived, response, isLast: () => stopping }, around).catch(
        (bug: unknown) => {
          around.log.error({ err: bug }, 'this is a bug: a request could not be answered')
          response.destroy()
        },
      )
    },
  )
  server.maxConnections = connectionLimit
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  return {
    port: await listen(server, port, around.host),
    stop: async () => {
      stopping = true
      await close(server, limits.stop)
    },
  }
}

/** Gives the port once it is open (0 asks for a free one); rejects with the system's error if it cannot be had. */
export const listen = (server: Server, port: number, host?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

const close = (server: Server, milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), milliseconds)
    const idle = setInterval(() => server.closeIdleConnections(), 50)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(idle)
      resolve()
    })
  })

/** Lets a body flow away unseen; one that does not end soon costs its sender the connection. */
const ignoreBody = (request: IncomingMessage, response: ServerResponse): void => {
  let seen = 0
  request.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (seen <= bodyLimit) return
    request.removeAllListeners('data').pause()
    if (response.writableFinished) request.destroy()
    else response.once('finish', () => request.destroy())
  })
}

/** What a server was sent always has both; Node's type is that of answers too. */
type Arrived = IncomingMessage & { readonly method: string; readonly url: string }

type Exchange = {
  readonly request: Arrived
  readonly response: ServerResponse
  /** Whether the server is stopping: then this connection brings no further request. */
  readonly isLast: () => boolean
}

const respond = async (
  handler: Handler,
  { request: message, response, isLast }: Exchange,
  around: Around,
): Promise<void> => {
  const arrived = performance.now()
  const id = requestId(message)
  const log = around.log.child({ request: id })
  const { method, url } = message
  const parts = pathParts(url)
  const answer =
    parts === undefined ? empty(400) : await answerOf(handler, { method, parts, target: url, arrived, log })
  response.setHeader('X-Request-Id', id)
  if (isLast()) response.setHeader('Connection', 'close')
  send(response, answer, method)
  const seconds = (performance.now() - arrived) / 1000
  around.metrics.requests.observe({ method: knownMethod(method), status: answer.status }, seconds)
  log.info({ method, path: url, status: answer.status, seconds }, 'request')
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
  if (body !== '') response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  // By contract an error to HEAD says nothing about a length; 204 has none, by HTTP itself.
  if (status !== 204 && (method !== 'HEAD' || status < 400))
    response.setHeader('Content-Length', Buffer.byteLength(body))
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
