import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, slowMilliseconds } from '../fault.ts'
import { createDoor, type Door, dribble } from '../server.ts'
import type { Speaker } from './device.ts'
import type { Klap } from './options.ts'
import { createSessions, type Said } from './sessions.ts'

const tpapOffer = { error_code: 0, result: { tpap: { tls: 0, port: 80, pake: [2], dac: false } } }

/** KLAP: a login in two steps and hidden messages, over HTTP. */
export const klapDoor = (host: string | undefined, klap: Klap, speaker: Speaker): Door => {
  const { fault, onCall } = speaker
  const sessions = createSessions(klap, speaker)

  const said = async (request: IncomingMessage): Promise<Said> => {
    const url = new URL(request.url ?? '/', 'http://device')
    const body = await bodyOf(request)
    const cookie = /TP_SESSIONID=(\w+)/u.exec(request.headers.cookie ?? '')?.[1] ?? ''
    if (url.pathname === '/app' || url.pathname === '/')
      return { status: 200, body: Buffer.from(plainAnswer(klap, url)) }
    if (klap.tpap === true || fault() === 'forbidden') return { status: 403 }
    if (url.pathname === '/app/handshake1') return sessions.begin(body)
    if (url.pathname === '/app/handshake2') return sessions.confirm(cookie, body)
    if (url.pathname !== '/app/request') return { status: 404 }
    onCall()
    if (fault() === 'slow') await sleep(slowMilliseconds)
    return sessions.request(cookie, Number(url.searchParams.get('seq')), body)
  }

  const http = createServer((request, response) => {
    const play = played[fault()]
    if (play !== undefined) {
      request.resume()
      play(response)
    } else
      said(request).then(
        (what) => send(response, what),
        () => response.destroy(),
      )
  })
  return createDoor(host, (socket) => http.emit('connection', socket))
}

const played: Readonly<Partial<Record<Fault, (response: ServerResponse) => unknown>>> = {
  silent: () => undefined,
  garbage: (response) => response.end('\u0000 not KLAP'),
  huge: (response) => response.end(Buffer.alloc(1024 * 1024)),
  dribble: (response) => {
    response.writeHead(200, { 'Content-Length': 10_000 }).flushHeaders()
    if (response.socket !== null) dribble(response.socket, Buffer.from('dribble'))
  },
  vanish: (response) => response.writeHead(200, { 'Content-Length': 48 }).write('0123456789', () => response.destroy()),
}

/** What it says to those who do not speak KLAP: the number by which they know that it does, or how TPAP is entered. */
const plainAnswer = ({ tpap = false }: Klap, { pathname }: URL): string =>
  JSON.stringify(pathname === '/' && tpap ? tpapOffer : { error_code: 1003 })

const send = (response: ServerResponse, { status, body = Buffer.alloc(0), cookie, raw = false }: Said): void => {
  // Firmware that ended the session answers with bytes that are no HTTP.
  if (raw) return void response.socket?.end(Buffer.from([0, 1, 2, 3]))
  response.writeHead(status, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': body.length,
    ...(cookie === undefined ? {} : { 'Set-Cookie': cookie }),
  })
  response.end(body)
}

/** Longer ones are no message to a plug. */
const longest = 64 * 1024

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > longest) throw new Error('too long')
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
