import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from '../fault.ts'
import { createDoor, dribble } from '../server.ts'
import { dashboardOf, type MachineStatus } from './dashboard.ts'
import { createGuard } from './guard.ts'
import { createTokenDesk } from './tokens.ts'

/** A simulated cloud with one machine, and what only tests ask of it. */
export type MachineSimulator = Simulator & {
  /** What the machine says that it is, for states that no command brings. */
  readonly setStatus: (status: MachineStatus) => void
  /** The last hundred calls, as "POST /auth/signin 200". */
  readonly seen: () => readonly string[]
  /** Ends every token before its time. */
  readonly revokeTokens: () => void
}

/** What the cloud knows. */
type Cloud = Place & {
  /** @default any serial number */
  readonly serial?: string
  /** @default any account */
  readonly account?: { readonly user: string; readonly password: string }
  /** Milliseconds since 1970. @default the clock of this machine */
  readonly now?: () => number
}

type Reply = { readonly status: number; readonly body: unknown }

const usualPort = 8080
const base = '/api/customer-app'
const no = (status: number, message: string): Reply => ({ status, body: { message } })

/** The words of a CDN that turns a caller away. */
const blocked = '<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD></HTML>'

/** La Marzocco's cloud with one machine: keys are registered, every call is signed and has a token of an hour. */
export const startLaMarzocco = async (cloud: Cloud): Promise<MachineSimulator> => {
  const { name, host, port = usualPort, now = Date.now } = cloud
  const guard = createGuard(now)
  const desk = createTokenDesk(now)
  const seen: string[] = []
  let machine: MachineStatus = 'StandBy'
  let fault: Fault = 'none'
  let calls = 0

  const signIn = ({ username, password }: Body): Reply => {
    const { account } = cloud
    const right = account === undefined || (username === account.user && password === account.password)
    return right ? { status: 200, body: desk.give() } : no(401, 'bad credentials')
  }
  const doors: Readonly<Record<string, (body: Body, request: IncomingMessage) => Reply>> = {
    'POST /auth/init': ({ pk }, { headers }) =>
      guard.register(headers, pk) ? { status: 201, body: {} } : no(400, 'bad proof'),
    'POST /auth/signin': (body, { headers }) => refusal(headers) ?? signIn(body),
    'POST /auth/refreshtoken': ({ refreshToken }, { headers }) => {
      const tokens = refusal(headers) === undefined ? desk.renew(refreshToken) : undefined
      return tokens === undefined ? no(401, 'bad refresh token') : { status: 200, body: tokens }
    },
  }
  const refusal = (headers: IncomingMessage['headers']): Reply | undefined => {
    const objection = guard.objection(headers)
    return objection === undefined ? undefined : no(401, objection)
  }
  const dashboard = (serial: string): Reply => {
    if (fault === 'error') return no(500, 'internal error')
    const off = fault === 'unplugged'
    return { status: 200, body: dashboardOf(serial, name, off ? 'Off' : machine, !off) }
  }
  const command = ({ mode }: Body): Reply => {
    if (mode !== 'BrewingMode' && mode !== 'StandBy') return no(400, 'unknown mode')
    if (fault === 'error') return { status: 200, body: [{ id: randomUUID(), status: 'Error', errorCode: 'E01' }] }
    if (fault !== 'stuck' && fault !== 'unplugged') machine = mode === 'BrewingMode' ? 'PoweredOn' : 'StandBy'
    return { status: 200, body: [{ id: randomUUID(), status: 'Pending', errorCode: null }] }
  }
  const objection = ({ headers }: IncomingMessage): Reply | undefined =>
    refusal(headers) ?? (desk.admits(headers.authorization) ? undefined : no(401, 'bad token'))
  const thing = (route: string, body: Body): Reply => {
    const [, method = '', place = '', rest = ''] = /^(\w+) \/things\/([^/]+)\/(.+)$/u.exec(route) ?? []
    const serial = decodeURIComponent(place)
    if (serial === '' || serial !== (cloud.serial ?? serial)) return no(404, 'no such thing')
    if (`${method} ${rest}` === 'GET dashboard') return dashboard(serial)
    return `${method} ${rest}` === 'POST command/CoffeeMachineChangeMode' ? command(body) : no(404, 'unknown')
  }

  const replyTo = async (route: string, request: IncomingMessage): Promise<Reply> => {
    if (fault === 'burst') return { status: 403, body: blocked }
    if (fault === 'gone') return no(410, 'gone')
    const door = Object.hasOwn(doors, route) ? doors[route] : undefined
    const body = await jsonOf(request)
    if (body === undefined) return no(400, 'no JSON')
    return door === undefined ? (objection(request) ?? thing(route, body)) : door(body, request)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1
    const route = `${request.method} ${request.url?.startsWith(base) === true ? request.url.slice(base.length) : '?'}`
    if (fault === 'silent') return void request.resume()
    if (fault === 'slow') await sleep(slowMilliseconds)
    const { status, body } = await replyTo(route, request)
    seen.push(`${route} ${status}`)
    if (seen.length > 100) seen.shift()
    const text = textOf(body, fault)
    response.statusCode = status
    response.setHeader('Content-Type', typeof body === 'string' ? 'text/html' : 'application/json')
    if (fault === 'dribble') {
      response.writeHead(200, { 'Content-Length': 10_000 }).flushHeaders()
      dribble(request.socket, Buffer.from(text))
    } else if (fault === 'vanish') {
      response.writeHead(200, { 'Content-Length': 10_000 }).write(text.slice(0, 20), () => response.destroy())
    } else response.end(text)
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  const door = createDoor(host, (socket) => http.emit('connection', socket))
  await door.open(port)
  return {
    state: () => ({ kind: 'lamarzocco', name, on: onNow(machine), port, fault, calls }),
    setOn: (next) => {
      machine = next ? 'PoweredOn' : 'StandBy'
    },
    setStatus: (status) => {
      machine = status
    },
    seen: () => seen,
    revokeTokens: desk.revoke,
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(port))
    },
    stop: door.shut,
  }
}

const onNow = (status: MachineStatus): boolean => status !== 'StandBy' && status !== 'Off'

const textOf = (body: unknown, fault: Fault): string => {
  if (fault === 'garbage') return '<html>what?</html>'
  if (fault === 'huge') return JSON.stringify('x'.repeat(1024 * 1024))
  return typeof body === 'string' ? body : JSON.stringify(body)
}

type Body = Readonly<Record<string, unknown>>

const bodyLimit = 64 * 1024

/** The JSON object of a request, an empty one where it has no body; nothing where it is none. */
const jsonOf = async (request: IncomingMessage): Promise<Body | undefined> => {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string
    if (text.length > bodyLimit) return undefined
  }
  try {
    const data: unknown = JSON.parse(text === '' ? '{}' : text)
    return typeof data === 'object' && data !== null ? { ...data } : undefined
  } catch {
    return undefined
  }
}
