import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '@homeslice/testing'
import type { Context } from '../context.ts'
import { loadHome } from '../home-file.ts'
import { findPair } from './doors.ts'
import { programsIn } from './programs.ts'
import { runSession } from './session.ts'
import type { View } from './view.ts'

/** What an HTTP answer holds. */
export type Answer = {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

/** A home that runs as `homeslice dev` does, in this process. */
export type Session = {
  readonly page: number
  readonly door: number
  readonly home: string
  readonly checkout: string
  /** All that was logged. */
  readonly log: () => string
  readonly view: () => Promise<View>
  /** What the page would post. */
  readonly post: (path: string, body: object) => Promise<Answer>
  readonly until: (what: string, holds: (view: View) => boolean | Promise<boolean>) => Promise<View>
  readonly end: () => Promise<string | undefined>
}

/** Sends a request with these headers and no others of a client's own. */
export const send = (
  port: number,
  {
    method = 'GET',
    path = '/',
    headers = {},
    body = '',
  }: { method?: string; path?: string; headers?: object; body?: string },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
        response.on('error', reject)
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })

/** Two free ports below those that the system gives out by itself. */
export const freePair = async () => {
  for (;;) {
    const pair = await findPair(20_000 + 50 * randomInt(200))
    if (pair.ok) return pair
  }
}

/** A clock whose sources a test may change: it tells what stands in `src/told.ts`. */
const clock = `import { createServer } from 'node:http'
import { told } from './told.ts'
const { LISTEN_HOST: host, PORT: port, METRICS_PORT: probes } = process.env
createServer((_, response) => response.end(told)).listen(Number(port), host)
createServer((_, response) => response.end('{}')).listen(Number(probes), host)
console.log(JSON.stringify({ level: 30, service: 'clocktime', msg: 'listening', zone: process.env.LOCATION, secret: process.env.TOKEN }))
process.on('SIGTERM', () => process.exit(0))
`

/** A checkout whose clock is the test's own; all the rest is this one's. */
export const ownCheckout = (): string => {
  const checkout = mkdtempSync(join(tmpdir(), 'homeslice-checkout-'))
  mkdirSync(join(checkout, 'services/clocktime/src'), { recursive: true })
  const services = readdirSync(join(root, 'services')).filter((name) => name !== 'clocktime')
  for (const folder of ['packages', 'node_modules', ...services.map((name) => `services/${name}`)]) {
    symlinkSync(join(root, folder), join(checkout, folder))
  }
  writeFileSync(
    join(checkout, 'services/clocktime/package.json'),
    '{"type":"module","dependencies":{"@homeslice/service-kit":"*"}}',
  )
  writeFileSync(join(checkout, 'services/clocktime/src/main.ts'), clock)
  writeFileSync(join(checkout, 'services/clocktime/src/told.ts'), "export const told: string = '1620'\n")
  return checkout
}

/** Starts a session of a home text; with no checkout, as a released command whose bundles lie in `command`. */
export const startSession = async (
  text: string,
  { checkout, command = '', inspect }: { checkout?: string | undefined; command?: string; inspect?: string } = {},
): Promise<Session> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeslice-dev-home-'))
  const home = join(folder, 'home.yaml')
  writeFileSync(home, text)
  let logged = ''
  const stream = { write: (words: string) => void (logged += words) }
  const stop = new AbortController()
  const context: Context = {
    process: { stdout: stream, stderr: stream },
    stdin: process.stdin,
    env: process.env,
    cwd: folder,
    checkout,
    signal: stop.signal,
  }
  const loaded = await loadHome(context, { file: home, env: 'prod' })
  if (!loaded.ok) throw new Error(loaded.error.message)
  const pair = await freePair()
  const ended = runSession({ context, loaded, pair, programs: programsIn(checkout, command), inspect })
  let over: unknown
  ended.then(
    (trouble) => (over = trouble ?? 'ended'),
    (bug: unknown) => (over = bug),
  )
  const { page, door } = pair
  const view = async (): Promise<View> =>
    JSON.parse((await send(page, { path: '/state.json', headers: { Host: `127.0.0.1:${page}` } })).body) as View
  return {
    page,
    door,
    home,
    checkout: checkout ?? '',
    log: () => logged,
    view,
    post: (path, body) => {
      const host = `127.0.0.1:${page}`
      const headers = { Host: host, Origin: `http://${host}`, 'Content-Type': 'application/json' }
      return send(page, { method: 'POST', path, headers, body: JSON.stringify(body) })
    },
    until: async (what, holds) => {
      let last: unknown
      for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
        const seen = await view().catch((error: unknown) => void (last = error))
        last = seen ?? last
        if (seen !== undefined && (await holds(seen))) return seen
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
      throw new Error(`${what} did not come within a minute: ${String(over)} ${JSON.stringify(last)}\n${logged}`)
    },
    end: async () => {
      stop.abort()
      const trouble = await ended
      rmSync(folder, { recursive: true, force: true })
      return trouble
    },
  }
}

/** Whether all that runs is ready. */
export const isAllReady = ({ services, devices }: View): boolean =>
  [...services, ...devices].every(({ state }) => state === 'ready')
