import { once } from 'node:events'
import { fc, test } from '@fast-check/vitest'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Fault, type MachineSimulator, startLaMarzocco } from '@homeslice/simulators'
import { type CloudMachine, laMarzocco } from './client.ts'
import { newInstallationKey, parseInstallationKey } from './key.ts'

const host = '127.0.9.40'
const minute = 60_000
const soon = (): AbortSignal => AbortSignal.timeout(10_000)
const account = { user: 'casa', password: 'secret' }
const freshKey = () => {
  const key = parseInstallationKey(newInstallationKey())
  if (!key.ok) throw new Error(key.reason)
  return key.value
}
const yes = (value: unknown) => ({ ok: true, value })
const refused = (reason: RegExp) => ({
  ok: false,
  kind: 'refused',
  reason: expect.stringMatching(reason) as string,
})
const silent = (reason: RegExp) => ({ ...refused(reason), kind: 'silent' })

describe('our client and our cloud', () => {
  let clock = 0
  let cloud: MachineSimulator
  let machine: CloudMachine
  const now = () => clock
  const later = (milliseconds: number): void => {
    clock += milliseconds
  }
  const doors = () => cloud.seen().filter((call) => call.includes('/auth/'))
  const at = (port: number, more: Partial<Parameters<typeof laMarzocco>[0]> = {}): CloudMachine => {
    const base = `http://${host}:${port}/api/customer-app/`
    const made = laMarzocco({ base, account, serial: 'MR 1', key: freshKey(), now, ...more })
    onTestFinished(() => made.close())
    return made
  }
  beforeEach(async () => {
    clock = 1_750_000_000_000
    cloud = await startLaMarzocco({ name: 'x', host, port: 8081, account, serial: 'MR 1', now })
    machine = at(8081)
  })
  afterEach(() => cloud.stop())

  it('turns the machine on and off, and reads it', async () => {
    for (const on of [true, false, true]) {
      expect(await machine.set(on, soon())).toEqual(yes(on))
      expect(await machine.read(soon())).toEqual(yes({ on }))
    }
    expect(doors()).toEqual(['POST /auth/signin 401', 'POST /auth/init 201', 'POST /auth/signin 200'])
  })

  it('uses a token for 50 minutes, then renews it while the old one still serves', async () => {
    await machine.prepare()
    const before = doors().length
    later(49 * minute)
    await machine.read(soon())
    expect(doors().length).toBe(before)
    later(2 * minute)
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
    await expect.poll(() => doors().slice(before)).toEqual(['POST /auth/refreshtoken 200'])
    later(40 * minute)
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
    expect(doors().length).toBe(before + 1)
  })

  it('signs in again when its token ended: by its age, or before its time', async () => {
    await machine.prepare()
    const before = doors().length
    later(61 * minute)
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
    expect(doors().slice(before)).toEqual(['POST /auth/signin 200'])
    cloud.revokeTokens()
    expect(await machine.set(true, soon())).toEqual(yes(true))
    expect(doors().slice(before)).toEqual(['POST /auth/signin 200', 'POST /auth/signin 200'])
  })

  it('signs in when it may not renew', async () => {
    await machine.prepare()
    const before = doors().length
    later(51 * minute)
    cloud.revokeTokens()
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
    expect(doors().slice(before)).toEqual(['POST /auth/refreshtoken 401', 'POST /auth/signin 200'])
  })

  it('tells a state again for 5 s, but not across a command', async () => {
    await machine.read(soon())
    const before = cloud.state().calls
    cloud.setOn(true)
    later(4999)
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
    expect(cloud.state().calls).toBe(before)
    later(1)
    expect(await machine.read(soon())).toEqual(yes({ on: true }))
    await machine.set(false, soon())
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
  })

  it('says what is wrong with an account, and does not try it again at once', async () => {
    const wrong = at(8081, { account: { user: 'casa', password: 'Secret' } })
    expect(await wrong.read(soon())).toEqual(
      refused(/let this account in \(401\): check its user and password.*in 5 s/u),
    )
    const before = cloud.state().calls
    expect(await wrong.set(true, soon())).toEqual(refused(/check its user and password/u))
    expect(cloud.state().calls).toBe(before)
    later(5000)
    await wrong.read(soon())
    expect(cloud.state().calls).toBeGreaterThan(before)
  })

  it('says that a machine is unknown or its API gone, with the real status', async () => {
    expect(await at(8081, { serial: 'MR2' }).read(soon())).toEqual(refused(/answered 404: its API has changed/u))
    await cloud.setFault('gone')
    expect(await machine.read(soon())).toEqual(refused(/answered 410: its API has changed.*too old/u))
  })

  it('backs off from 403 for 5 s, then for 10 s, and is back after a good answer', async () => {
    await machine.read(soon())
    await cloud.setFault('burst')
    later(6000)
    expect(await machine.read(soon())).toEqual(refused(/turns calls away for now \(403\).*in 5 s$/u))
    later(5000)
    expect(await machine.set(true, soon())).toEqual(refused(/\(403\).*in \d+ s$/u))
    await cloud.setFault('none')
    expect(await machine.read(soon())).toEqual(refused(/\(403\)/u))
    later(60_000)
    expect(await machine.read(soon())).toEqual(yes({ on: false }))
  })

  it.each<[Fault, RegExp]>([
    ['refuse', /refuses connections at 127\.0\.9\.40:8081$/u],
    ['garbage', /something that is no JSON/u],
    ['huge', /far more than it has to say/u],
    ['vanish', /broke off/u],
    ['error', /answered 500/u],
  ])('signed in, %s is refused', async (fault, reason) => {
    await machine.prepare()
    await cloud.setFault(fault)
    expect(await machine.read(soon())).toEqual(refused(reason))
    expect((await machine.set(true, soon())).ok).toBe(false)
  })

  it.each<Fault>(['refuse', 'garbage', 'huge', 'vanish', 'gone', 'burst'])(
    'not signed in, %s is refused',
    async (fault) => {
      await cloud.setFault(fault)
      expect(await machine.read(soon())).toMatchObject({ ok: false, kind: 'refused' })
    },
  )

  it.each<Fault>(['silent', 'dribble'])('%s is answered at the deadline, whatever goes on behind it', async (fault) => {
    await cloud.setFault(fault)
    expect(await machine.read(AbortSignal.timeout(50))).toEqual(silent(/not let this account in yet|did not answer/u))
    await cloud.setFault('none')
    await expect.poll(() => machine.read(soon()), { timeout: 15_000 }).toEqual(yes({ on: false }))
    later(6000)
    await cloud.setFault(fault)
    expect(await machine.read(AbortSignal.timeout(50))).toEqual(silent(/did not answer in time/u))
    expect(await machine.set(true, AbortSignal.timeout(50))).toEqual(silent(/did not answer in time/u))
  })

  it('signs in behind a request that could not wait, for the next one', async () => {
    await cloud.setFault('slow')
    expect(await machine.set(true, AbortSignal.timeout(50))).toEqual(silent(/press again in a moment/u))
    await expect.poll(() => doors().at(-1), { timeout: 15_000 }).toBe('POST /auth/signin 200')
    const before = doors().length
    expect(await machine.set(true, soon())).toEqual(yes(true))
    expect(doors().length).toBe(before)
  })

  it('leaves no socket behind, whatever the cloud does', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    await machine.prepare()
    const before = sockets()
    for (const fault of [
      'refuse',
      'garbage',
      'huge',
      'vanish',
      'error',
      'gone',
      'silent',
      'dribble',
      'slow',
    ] as const) {
      await cloud.setFault(fault)
      later(6000)
      const calls = [machine.read(AbortSignal.timeout(200)), machine.set(true, AbortSignal.timeout(200))]
      expect((await Promise.all(calls)).map(({ ok }) => ok)).toContain(false)
    }
    machine.close()
    await expect.poll(sockets, { timeout: 15_000 }).toBeLessThanOrEqual(before)
  })

  it('is cut off when it is closed', async () => {
    await machine.prepare()
    await cloud.setFault('silent')
    const reading = machine.read(soon())
    machine.close()
    expect(await reading).toEqual(silent(/did not answer/u))
  })

  it('says that a machine which is off at the mains hears nothing', async () => {
    await cloud.setFault('unplugged')
    const words = /MR 1 is off at its main switch or has no Wi-Fi: turn it on there/u
    expect(await machine.read(soon())).toEqual(yes({ on: false, trouble: expect.stringMatching(words) as string }))
    expect(await machine.set(true, soon())).toEqual(refused(words))
    expect(await machine.set(false, soon())).toEqual(refused(words))
  })

  it('a deadline that is over is answered at once, by nobody', async () => {
    expect(await machine.read(AbortSignal.abort())).toEqual(silent(/did not answer/u))
    await machine.prepare()
    const before = cloud.state().calls
    expect((await machine.set(true, AbortSignal.abort())).ok).toBe(false)
    expect(cloud.state().calls).toBe(before)
  })
})

describe('a cloud that answers', () => {
  const opened = async (server: Server): Promise<string> => {
    server.listen(0, host)
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return `http://${host}:${(server.address() as AddressInfo).port}`
  }
  const asked = async (server: Server) => {
    const machine = laMarzocco({ base: await opened(server), account, serial: 'x', key: freshKey(), now: Date.now })
    onTestFinished(() => machine.close())
    return machine.read(soon())
  }
  const tokens = JSON.stringify({ accessToken: 'a', refreshToken: 'b' })
  const afterSignIn =
    (answer: RequestListener): RequestListener =>
    (request, response) =>
      request.url === '/auth/signin' ? response.end(tokens) : answer(request, response)

  it.each<[string, RequestListener, RegExp]>([
    ['sign-in without tokens', (_, response) => response.end('{}'), /without giving tokens/u],
    ['429 with its wait', (_, response) => response.writeHead(429, { 'Retry-After': '30' }).end(), /\(429\).*in 30 s/u],
    ['429 with a date', (_, response) => response.writeHead(429, { 'Retry-After': 'Fri' }).end(), /\(429\).*in 5 s/u],
    ['502 to a sign-in', (_, response) => response.writeHead(502).end(), /answered 502; it is asked again in 5 s/u],
    ['with a reset', ({ socket }) => socket.resetAndDestroy(), /ECONNRESET|hang up/u],
    ['401 for ever', afterSignIn((_, response) => response.writeHead(401).end()), /answered 401$/u],
    ['403 to a dashboard', afterSignIn((_, response) => response.writeHead(403).end()), /\(403\)/u],
    ['a redirect', afterSignIn((_, response) => response.writeHead(302, { Location: '/' }).end()), /answered 302$/u],
    ['nothing', afterSignIn((_, response) => response.writeHead(204).end()), /no JSON/u],
  ])('%s is refused', async (_, answer, reason) => {
    expect(await asked(createHttpServer(answer))).toEqual(refused(reason))
  })

  it('slowly with the state of before a command is not remembered', async () => {
    const states = ['StandBy', 'PoweredOn']
    const answer = afterSignIn(({ method }, response) => {
      if (method === 'POST') return response.end('[{"id":"a","status":"Pending"}]')
      const body = { connected: true, widgets: [{ code: 'CMMachineStatus', output: { status: states.shift() } }] }
      return setTimeout(() => response.end(JSON.stringify(body)), 100)
    })
    const base = await opened(createHttpServer(answer))
    const machine = laMarzocco({ base, account, serial: 'x', key: freshKey(), now: Date.now })
    await machine.prepare()
    expect(await machine.set(true, soon())).toEqual(yes(true))
    expect(await machine.read(soon())).toEqual(yes({ on: true }))
  })

  it('with no HTTP is refused', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('0\r\n\r\n'))
    expect(await asked(server)).toEqual(refused(/Parse Error/u))
  })

  it.each([
    [
      'a name that is none',
      'http://nowhere.invalid',
      refused(/name of La Marzocco's cloud, nowhere.invalid, is not known/u),
    ],
    ['an address where no way leads', 'http://224.0.0.1:80', silent(/cannot be reached; is the internet there/u)],
  ])('%s', async (_, base, result) => {
    const machine = laMarzocco({ base, account, serial: 'x', key: freshKey(), now: Date.now })
    expect(await machine.read(soon())).toEqual(result)
  })

  const status = fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 404, 429, 500)
  const body = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }))
  const answers = fc.array(fc.record({ status, body, isJson: fc.boolean() }), { minLength: 1, maxLength: 4 })
  test.prop([answers], { numRuns: 40 })('anything at all gets a result, never a throw', async (said) => {
    let at = 0
    const server = createHttpServer((_, response) => {
      const { status = 200, body = '', isJson = true } = said[(at += 1) % said.length] ?? {}
      response.writeHead(status).end(isJson || typeof body !== 'string' ? JSON.stringify(body) : body)
    })
    server.listen(0, host)
    await once(server, 'listening')
    const base = `http://${host}:${(server.address() as AddressInfo).port}`
    const machine = laMarzocco({ base, account, serial: 'x', key: freshKey(), now: Date.now })
    const results = await Promise.all([machine.set(true, soon()), machine.read(soon())])
    expect(results.every((result) => result.ok || result.reason !== '')).toBe(true)
    machine.close()
    server.closeAllConnections()
    server.close()
  })
})
