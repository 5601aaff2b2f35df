import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type MachineSimulator, startLaMarzocco } from './cloud.ts'

const host = '127.0.9.6'
const base = '/api/customer-app'
const account = { user: 'casa', password: 'secret' }
let clock = 1_750_000_000_000
let cloud: MachineSimulator
beforeAll(async () => {
  cloud = await startLaMarzocco({ name: 'Micra', host, serial: 'MR1', account, now: () => clock })
})
afterAll(() => cloud.stop())
beforeEach(() => cloud.setFault('none'))

type Call = { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

const ask = async (path: string, { method = 'GET', headers = {}, body = '' }: Call = {}) => {
  const outgoing = request({ host, port: 8080, agent: false, path, method, headers })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const answer = await text(response)
  return {
    status: response.statusCode as number,
    body: answer.startsWith('<') ? answer : (JSON.parse(answer) as unknown),
  }
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pk = publicKey.export({ format: 'der', type: 'spki' })
const hash = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest()
const secret = hash(`an-id.${pk.toString('base64')}.${hash('an-id').toString('base64')}`)

/** As the app does it, written out once more: the simulator must not be its own judge. */
const proof = (words: string): string => {
  const work = Buffer.from(secret)
  for (const byte of Buffer.from(words)) {
    const index = byte % 32
    const shift = work[(index + 1) % 32]! & 7
    const mixed = byte ^ work[index]!
    work[index] = ((mixed << shift) | (mixed >> (8 - shift))) & 0xff
  }
  return hash(work).toString('base64')
}
let count = 0
const signed = (more: { nonce?: string; timestamp?: number; id?: string; by?: string } = {}) => {
  const { nonce = `nonce-${(count += 1)}`, timestamp = clock, id = 'an-id' } = more
  const words = `${id}.${nonce}.${timestamp}`
  return {
    'x-app-installation-id': id,
    'x-nonce': nonce,
    'x-timestamp': String(timestamp),
    'x-request-signature': sign('sha256', Buffer.from(`${words}.${more.by ?? proof(words)}`), privateKey).toString(
      'base64',
    ),
  }
}
const register = (headers: Readonly<Record<string, string>> = {}, body: object = { pk: pk.toString('base64') }) =>
  ask(`${base}/auth/init`, {
    method: 'POST',
    headers: {
      'x-app-installation-id': 'an-id',
      'x-request-proof': proof(`an-id.${hash(pk).toString('base64')}`),
      ...headers,
    },
    body: JSON.stringify(body),
  })
const post = (path: string, body: object, headers: Readonly<Record<string, string>> = signed()) =>
  ask(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
const signIn = (headers = signed()) => post('/auth/signin', { username: 'casa', password: 'secret' }, headers)
type Tokens = { accessToken: string; refreshToken: string }
const enter = async (): Promise<Tokens> => {
  await register()
  return (await signIn()).body as Tokens
}
const bearer = ({ accessToken }: Tokens) => ({ ...signed(), authorization: `Bearer ${accessToken}` })

describe('keys', () => {
  it('are registered by their proof', async () => {
    expect(await signIn()).toEqual({ status: 401, body: { message: 'unknown installation' } })
    expect(await register({ 'x-request-proof': 'AAAA' })).toEqual({ status: 400, body: { message: 'bad proof' } })
    expect((await register({}, { pk: 'AAAA' })).status).toBe(400)
    expect((await register({}, { pk: 7 })).status).toBe(400)
    expect((await register({}, [])).status).toBe(400)
    expect((await register()).status).toBe(201)
    expect(await signIn()).toMatchObject({ status: 200, body: { accessToken: /./u, refreshToken: /./u } })
  })

  it.each([
    ['an old timestamp', () => signed({ timestamp: clock - 301_000 }), 'stale timestamp'],
    ['a timestamp to come', () => signed({ timestamp: clock + 301_000 }), 'stale timestamp'],
    ['a timestamp that is none', () => ({ ...signed(), 'x-timestamp': 'now' }), 'stale timestamp'],
    ['another nonce', () => ({ ...signed(), 'x-nonce': 'other' }), 'bad signature'],
    ['no nonce', () => ({ ...signed(), 'x-nonce': '' }), 'used nonce'],
    ['a proof of another secret', () => signed({ by: 'AAAA' }), 'bad signature'],
    ['no signature', () => ({ ...signed(), 'x-request-signature': '' }), 'bad signature'],
    ['another installation', () => signed({ id: 'other' }), 'unknown installation'],
  ])('with %s are not let in', async (_, headers, message) => {
    await register()
    expect(await signIn(headers())).toEqual({ status: 401, body: { message } })
  })

  it('sign each call anew', async () => {
    await register()
    const once = signed()
    expect((await signIn(once)).status).toBe(200)
    expect(await signIn(once)).toEqual({ status: 401, body: { message: 'used nonce' } })
    clock += 600_000
    for (const more of [1, 2]) expect((await signIn(signed({ nonce: `late-${more}` }))).status).toBe(200)
    expect((await signIn(once)).body).toEqual({ message: 'stale timestamp' })
  })
})

describe('tokens', () => {
  it('are good for an hour, and renewed once', async () => {
    const tokens = await enter()
    const look = (headers: Readonly<Record<string, string>>) => ask(`${base}/things/MR1/dashboard`, { headers })
    expect((await look(bearer(tokens))).status).toBe(200)
    clock += 3_599_000
    expect((await look(bearer(tokens))).status).toBe(200)
    clock += 1000
    expect(await look(bearer(tokens))).toEqual({ status: 401, body: { message: 'bad token' } })
    expect((await look(signed())).status).toBe(401)
    const { refreshToken } = tokens
    const renewed = await post('/auth/refreshtoken', { username: 'casa', refreshToken })
    expect((await look(bearer(renewed.body as Tokens))).status).toBe(200)
    expect((await post('/auth/refreshtoken', { username: 'casa', refreshToken })).status).toBe(401)
    expect((await post('/auth/refreshtoken', { username: 'casa', refreshToken: 7 })).status).toBe(401)
    expect((await post('/auth/refreshtoken', { refreshToken }, { 'x-nonce': 'x' })).status).toBe(401)
  })

  it('are for those who know the password', async () => {
    await register()
    expect((await post('/auth/signin', { username: 'casa', password: 'x' })).status).toBe(401)
    expect((await post('/auth/signin', { username: 'other', password: 'secret' })).status).toBe(401)
  })

  it('end before their time when they are revoked', async () => {
    const tokens = await enter()
    cloud.revokeTokens()
    expect((await ask(`${base}/things/MR1/dashboard`, { headers: bearer(tokens) })).status).toBe(401)
  })
})

describe('the machine', () => {
  const dashboard = async () =>
    (await ask(`${base}/things/MR1/dashboard`, { headers: bearer(await enter()) })).body as {
      connected: boolean
      widgets: { code: string; output: { status: string; mode: string } }[]
    }
  const stateNow = async () => {
    const { connected, widgets } = await dashboard()
    return [connected, widgets.find(({ code }) => code === 'CMMachineStatus')?.output.status]
  }
  const turn = async (mode: unknown, path = '/things/MR1/command/CoffeeMachineChangeMode') =>
    post(path, { mode }, bearer(await enter()))

  it('is turned on and off', async () => {
    expect(await turn('BrewingMode')).toMatchObject({ status: 200, body: [{ status: 'Pending', errorCode: null }] })
    expect([await stateNow(), cloud.state().on]).toEqual([[true, 'PoweredOn'], true])
    await turn('StandBy')
    expect([await stateNow(), cloud.state().on]).toEqual([[true, 'StandBy'], false])
    cloud.setOn(true)
    expect(await stateNow()).toEqual([true, 'PoweredOn'])
    cloud.setStatus('Brewing')
    expect([await stateNow(), cloud.state().on]).toEqual([[true, 'Brewing'], true])
    cloud.setOn(false)
    expect(cloud.state()).toMatchObject({ kind: 'lamarzocco', name: 'Micra', on: false, port: 8080 })
  })

  it('fails as it is told', async () => {
    cloud.setOn(false)
    await cloud.setFault('stuck')
    expect((await turn('BrewingMode')).status).toBe(200)
    await cloud.setFault('error')
    expect(await turn('BrewingMode')).toMatchObject({ status: 200, body: [{ status: 'Error', errorCode: 'E01' }] })
    expect((await ask(`${base}/things/MR1/dashboard`, { headers: bearer(await enter()) })).status).toBe(500)
    await cloud.setFault('unplugged')
    expect((await turn('BrewingMode')).status).toBe(200)
    expect([await stateNow(), cloud.state().on]).toEqual([[false, 'Off'], false])
    await cloud.setFault('gone')
    expect((await ask(`${base}/auth/init`)).status).toBe(410)
    await cloud.setFault('burst')
    expect(await ask(`${base}/auth/init`)).toEqual({ status: 403, body: expect.stringContaining('<TITLE>') as string })
    await cloud.setFault('garbage')
    expect((await ask(base)).body).toBe('<html>what?</html>')
    await cloud.setFault('huge')
    expect(String((await ask(base)).body).length).toBe(1024 * 1024)
  })

  it.each([
    ['another machine', 'BrewingMode', '/things/MR2/command/CoffeeMachineChangeMode', 404],
    ['another command', 'BrewingMode', '/things/MR1/command/Explode', 404],
    ['another mode', 'Boil', undefined, 400],
    ['no thing', 'BrewingMode', '/things', 404],
  ])('answers %s with an error', async (_, mode, path, status) => {
    expect((await turn(mode, path)).status).toBe(status)
  })

  it('refuses what is no JSON, or too much of it', async () => {
    for (const body of ['{"mode":', '7', 'x'.repeat(70_000)])
      expect((await ask(`${base}/auth/signin`, { method: 'POST', body })).status).toBe(400)
    expect((await ask('/other')).status).toBe(401)
  })

  it('tells the last hundred calls', async () => {
    for (let call = 0; call < 101; call += 1) await ask('/')
    expect(cloud.seen()).toHaveLength(100)
  })
})
