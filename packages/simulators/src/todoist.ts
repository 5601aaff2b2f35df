import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from './fault.ts'
import { createDoor, dribble } from './server.ts'
import { type Account, createAccount, type Fields } from './todoist/account.ts'
import { type Answer, answerCall, refusal } from './todoist/api.ts'

const usualPort = 8080

/** A simulated Todoist: its account, with nothing but an Inbox at first. */
export type TodoistSimulator = Simulator & { readonly account: Account }

/** Statuses with which the cloud says no. */
const refusals: Readonly<Partial<Record<Fault, Answer>>> = {
  error: refusal(500, 'INTERNAL_SERVER_ERROR', 'Internal server error'),
  gone: refusal(410, 'GONE', 'This endpoint is deprecated'),
  unauthorised: refusal(401, 'AUTH_INVALID_TOKEN', 'Forbidden'),
  limited: refusal(429, 'LIMITS_REACHED', 'Too many requests'),
}

/** Todoist's API v1: projects, sections, labels, tasks and comments, paged, and made one by one or by `sync`. */
export const startTodoist = async ({ name, host, port = usualPort }: Place): Promise<TodoistSimulator> => {
  const account = createAccount(name)
  let fault: Fault = 'none'
  let calls = 0

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1
    const body = await fieldsOf(request)
    if (fault === 'silent') return
    if (fault === 'slow') await sleep(slowMilliseconds)
    if (fault === 'garbage') return void response.end('<html>what?</html>')
    if (fault === 'huge') return pour(response)
    const told = refusals[fault] ?? answered(request, body)
    const text = JSON.stringify(told.body)
    response.writeHead(told.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text) + (fault === 'dribble' || fault === 'vanish' ? 10_000 : 0),
      ...(told.status === 429 ? { 'Retry-After': '1' } : {}),
    })
    if (fault === 'dribble') {
      response.flushHeaders()
      dribble(request.socket, Buffer.from(text))
    } else if (fault === 'vanish') response.write(text.slice(0, 20), () => response.destroy())
    else response.end(text)
  }

  const answered = (request: IncomingMessage, body: Fields): Answer => {
    if (!/^Bearer \S/u.test(request.headers.authorization ?? '')) return refusals.unauthorised as Answer
    const { method = '', url = '' } = request
    return answerCall(account, { method, url, body }, fault !== 'stuck')
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const door = createDoor(host, (socket) => http.emit('connection', socket))
  await door.open(port)
  return {
    account,
    state: () => ({ kind: 'todoist', name, on: fault !== 'refuse', port, fault, calls }),
    // A cloud is not switched.
    setOn: () => undefined,
    setFault: async (next) => {
      const away = fault === 'refuse'
      fault = next
      if (next === 'refuse') await door.shut()
      else if (away) await door.open(port)
    },
    stop: door.shut,
  }
}

const mostPoured = 1 << 28

/** Sends spaces, which JSON may begin with, for as long as somebody takes them. */
const pour = (response: ServerResponse): void => {
  const chunk = Buffer.alloc(1 << 16, ' ')
  let poured = 0
  const more = (): void => {
    if (response.destroyed) return
    if (poured >= mostPoured) return void response.end()
    poured += chunk.length
    response.write(chunk, more)
  }
  response.writeHead(200, { 'Content-Type': 'application/json' })
  more()
}

/** The body of a call, as JSON or as a form whose values are JSON. */
const fieldsOf = async (request: IncomingMessage): Promise<Fields> => {
  const text = (await buffer(request)).toString()
  if (!(request.headers['content-type'] ?? '').includes('form-urlencoded')) return json(text)
  return Object.fromEntries([...new URLSearchParams(text)].map(([key, value]) => [key, parsed(value)]))
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

const json = (text: string): Fields => {
  const value = parsed(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
