import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { Plan, Way } from './plan.ts'

/** The ways that a door leads to now. */
export type Ways = Pick<Plan, 'ways' | 'redirects'>

/** Headers that belong to one connection and not to the message. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** One server for every public path of the home, as the gateway of a cluster is: it adds nothing and takes nothing away. */
export const createDoor = (ways: () => Ways): Server =>
  createServer((incoming, outgoing) => {
    const target = incoming.url ?? '/'
    const way = wayFor(ways().ways, target)
    if (way !== undefined) return pass(incoming, outgoing, way.port)
    const redirect = ways().redirects.find(({ prefix }) => leadsTo(prefix, target))
    if (redirect === undefined) return answer(outgoing, 404, '404 page not found\n')
    outgoing.writeHead(301, { Location: redirect.to, 'Content-Length': 0 }).end()
  })

/** The way of the longest prefix that a path is below. */
const wayFor = (ways: readonly Way[], target: string): Way | undefined =>
  ways.find(({ prefix }) => leadsTo(prefix, target))

/** As the Gateway API means it: a prefix of whole parts, whatever stands at its end. */
const leadsTo = (prefix: string, target: string): boolean => {
  const path = target.replace(/[?#].*$/su, '')
  const stem = prefix.replace(/\/+$/u, '')
  return path === stem || path.startsWith(`${stem}/`)
}

const pass = (incoming: IncomingMessage, outgoing: ServerResponse, port: number): void => {
  const passed = request(
    {
      host: '127.0.0.1',
      port,
      method: incoming.method,
      path: incoming.url,
      headers: {
        ...kept(incoming),
        'x-forwarded-for': incoming.socket.remoteAddress ?? '',
        'x-forwarded-proto': 'http',
      },
      agent: false,
    },
    (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, kept(response))
      response.on('error', () => outgoing.destroy())
      response.pipe(outgoing)
    },
  )
  passed.on('error', () => {
    // An answer that has begun cannot become another one.
    if (outgoing.headersSent) outgoing.destroy()
    else answer(outgoing, 502, 'Bad Gateway')
  })
  outgoing.on('close', () => passed.destroy())
  incoming.pipe(passed)
}

const kept = ({ headers }: IncomingMessage): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || ofConnection.has(name) ? [] : [[name, value] as const],
    ),
  )

const answer = (outgoing: ServerResponse, status: number, text: string): void => {
  outgoing.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(text) })
  outgoing.end(text)
}
