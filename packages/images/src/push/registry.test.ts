import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Front, type Own, type Peer, run, type Seen, startFront, startPeer } from '@homeslice/testing'
import { digestOf } from '../layer.ts'
import { bodyOf, Registry } from './registry.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-registry-'))
let peer: Peer
let front: Front
let own: (seen: Seen) => Own | undefined
beforeAll(async () => {
  peer = await startPeer()
})
beforeEach(async () => {
  own = () => undefined
  front = await startFront({ port: peer.port, own: (seen) => own(seen) })
})
afterEach(() => front.stop())
afterAll(async () => {
  await peer.stop()
  rmSync(folder, { recursive: true })
})

let logins = 0
/** A folder of logins with one config.json. */
const dockerConfig = (config: object | string): string => {
  const at = join(folder, `logins-${(logins += 1)}`)
  mkdirSync(at)
  writeFileSync(join(at, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  return at
}
const nobody = join(folder, 'nobody')

let blobs = 0
/** Sends one new blob, as a push does; gives the words of what went wrong, or nothing. */
const send = async (config = nobody, host = front.address, path = process.env['PATH']): Promise<string> => {
  const signal = new AbortController().signal
  const env = { PATH: path, DOCKER_CONFIG: config }
  const connected = await Registry.connect({ host, env, repositories: ['home/one'], signal, pauses: [1] })
  if (!connected.ok) return `${connected.message}; ${connected.fix}`
  const text = `blob ${(blobs += 1)}`
  const sent = await connected.registry.upload('home/one', { digest: digestOf(text), ...bodyOf(text) }, undefined)
  return sent.ok ? '' : `${sent.message}; ${sent.fix}`
}

const auth = (text: string): string => Buffer.from(text).toString('base64')
const isPush = ({ method }: Seen): boolean => method === 'POST' || method === 'PUT'

describe('a registry that wants a name and a password', () => {
  beforeEach(() => {
    own = ({ authorization }) =>
      authorization === `Basic ${auth('casa:open:sesame')}`
        ? undefined
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="home"' } }
  })
  const login = { auth: auth('casa:open:sesame') }

  it.each([
    ['under its name', () => ({ auths: { [front.address]: login } })],
    ['under an address, as older ones are', () => ({ auths: { [`https://${front.address}/v2/`]: login } })],
    ['beside a helper that does not know it', () => ({ credsStore: 'forgetful', auths: { [front.address]: login } })],
    ['with a helper for all', () => ({ credsStore: 'knowing' })],
    ['with a helper of its own', () => ({ credHelpers: { [front.address]: 'knowing' }, credsStore: 'absent' })],
  ])('finds the login %s', async (_, config) => {
    const bin = join(folder, 'bin')
    mkdirSync(bin, { recursive: true })
    const helper = (name: string, script: string): void => {
      writeFileSync(join(bin, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`)
      chmodSync(join(bin, `docker-credential-${name}`), 0o755)
    }
    helper('forgetful', 'echo credentials not found in native keychain; exit 1')
    helper(
      'knowing',
      `[ "$1" = get ] && [ "$(cat)" = '${front.address}' ] && echo '{"Username":"casa","Secret":"open:sesame"}'`,
    )
    expect(await send(dockerConfig(config()), front.address, `${bin}:${process.env['PATH']}`)).toBe('')
  })

  it.each([
    [
      'no login',
      () => nobody,
      /wants a login, and .*nobody\/config\.json has none \(401\); log in with: docker login 127/u,
    ],
    [
      'another login',
      () => dockerConfig({ auths: { [front.address]: { auth: auth('casa:wrong') } } }),
      /does not accept the login in .*config\.json \(401\)/u,
    ],
    [
      'a login without a password',
      () => dockerConfig({ auths: { [front.address]: { auth: auth('casa') } } }),
      /has none/u,
    ],
    [
      'a token, which is no password',
      () => dockerConfig({ auths: { [front.address]: { identitytoken: 'x' } } }),
      /does not accept/u,
    ],
    [
      'logins that are no JSON',
      () => dockerConfig('{"auths"'),
      /the logins of registries in .*config\.json cannot be read: /u,
    ],
    ['logins of another shape', () => dockerConfig({ auths: 7 }), /config\.json cannot be read: .*auths/su],
    [
      'logins that are a folder',
      () => (mkdirSync(join(folder, 'odd/config.json'), { recursive: true }), join(folder, 'odd')),
      /cannot be read: EISDIR/u,
    ],
    [
      'a helper that is not there',
      () => dockerConfig({ credsStore: 'absent' }),
      /leaves logins to docker-credential-absent: there is no such program/u,
    ],
    [
      'a helper that fails',
      () => dockerConfig({ credHelpers: { [front.address]: 'failing' } }),
      /docker-credential-failing: it ended with 3: locked/u,
    ],
    [
      'a helper that speaks nonsense',
      () => dockerConfig({ credsStore: 'odd' }),
      /docker-credential-odd gives no login for 127.* that can be read/u,
    ],
  ])('is told with %s', async (_, config, said) => {
    const bin = join(folder, 'bin')
    mkdirSync(bin, { recursive: true })
    writeFileSync(join(bin, 'docker-credential-failing'), '#!/bin/sh\necho locked >&2; exit 3\n', { mode: 0o755 })
    writeFileSync(join(bin, 'docker-credential-odd'), '#!/bin/sh\necho nonsense\n', { mode: 0o755 })
    expect(await send(config(), front.address, `${bin}:${process.env['PATH']}`)).toMatch(said)
  })
})

describe('a registry that wants a token', () => {
  let given: string[]
  let asked: URLSearchParams[]
  let token: Own | undefined
  const withTokens = (realm = `http://${front.address}/token`) => {
    given = []
    asked = []
    token = undefined
    own = ({ method, url, authorization }) => {
      if (url.pathname === '/token') {
        asked.push(url.searchParams)
        if (token !== undefined) return token
        if (method === 'GET' && authorization !== `Basic ${auth('casa:sesame')}`) return { status: 401 }
        given.push(`t${given.length}`)
        return { status: 200, body: JSON.stringify({ [method === 'GET' ? 'token' : 'access_token']: given.at(-1) }) }
      }
      if (authorization === `Bearer ${given.at(-1)}`) return undefined
      return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="home"` } }
    }
  }
  const login = () => dockerConfig({ auths: { [front.address]: { auth: auth('casa:sesame') } } })

  it('gets one for all repositories that are pushed to', async () => {
    withTokens()
    expect(await send(login())).toBe('')
    expect(given).toHaveLength(1)
    expect([...asked[0]!]).toEqual([
      ['service', 'home'],
      ['scope', 'repository:home/one:pull,push'],
    ])
  })

  it('gets a new one when the first no longer counts', async () => {
    withTokens()
    const usual = own
    let times = 0
    own = (seen) => {
      if (seen.method === 'PUT' && (times += 1) === 1) given.push('another')
      return usual(seen)
    }
    expect(await send(login())).toBe('')
    expect(given).toEqual(['t0', 'another', 't2'])
  })

  it('gets one for a token that is good for others', async () => {
    withTokens()
    expect(await send(dockerConfig({ auths: { [front.address]: { identitytoken: 'refresh' } } }))).toBe('')
    expect(front.log).toContain('POST /token 200')
  })

  it('is told what is wrong: a login it does not accept, a server that fails or speaks nonsense, and where others could listen', async () => {
    withTokens()
    expect(await send()).toMatch(/wants a login, and .*has none \(401\)/u)
    token = { status: 500 }
    expect(await send(login())).toMatch(/^127\S+ fails at \/v2\/ \(500\), 2 times; /u)
    token = { status: 200, body: '{}' }
    expect(await send(login())).toMatch(/gives no token for 127.* that can be read/u)
    token = { status: 200, body: 'nonsense' }
    expect(await send(login())).toMatch(/gives no token for 127.* that can be read/u)
    withTokens('http://192.0.2.1/token')
    expect(await send(login())).toMatch(
      /sends us to http:\/\/192\.0\.2\.1\/token for a token, where others could listen/u,
    )
    withTokens('')
    expect(await send(login())).toMatch(/sends us to nowhere for a token/u)
    withTokens('http://127.0.0.1:9/token')
    expect(await send(login())).toMatch(/nothing answers at 127\.0\.0\.1:9: connection refused/u)
  })
})

describe('a registry with TLS', () => {
  const made = (name: string, subject: string) => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const args = ['req', '-x509', ...ec, '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=test']
    execFileSync('openssl', [...args, '-addext', `subjectAltName=${subject}`], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), path: cert }
  }
  /** In a process of its own: Node reads the authorities that it trusts as it starts. */
  const sendIn = async (address: string, extra: string): Promise<string> => {
    const program = `
      import { Registry, bodyOf } from '${join(import.meta.dirname, 'registry.ts')}'
      const options = { host: '${address}', env: { DOCKER_CONFIG: '${nobody}' }, repositories: [], pauses: [], signal: new AbortController().signal }
      const connected = await Registry.connect(options)
      const sent = connected.ok ? await connected.registry.upload('home/one', { digest: '${digestOf('tls')}', ...bodyOf('tls') }) : connected
      console.log(JSON.stringify(sent))`
    const env = { NODE_EXTRA_CA_CERTS: extra }
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], { env })
    return `${stdout}${stderr}`
  }

  it('of an authority that NODE_EXTRA_CA_CERTS names is trusted, and stays in use to the end', async () => {
    const own = made('trusted', 'IP:127.0.0.1')
    // As behind a proxy that ends TLS: the registry takes its own address for plain HTTP.
    const location = (): string => `http://${secure.address}/v2/home/one/blobs/uploads/1`
    const plain = ({ method }: Seen) =>
      method === 'POST' ? { status: 202, headers: { location: location() } } : undefined
    const secure = await startFront({ port: peer.port, tls: own, own: plain })
    expect(await sendIn(secure.address, own.path)).toBe('{"ok":true,"sent":3}\n')
    expect(await send(nobody, secure.address)).toMatch(
      /^the certificate of 127\S+ is of an authority that this machine does not know \(x509: DEPTH_ZERO_SELF_SIGNED_CERT\); .*NODE_EXTRA_CA_CERTS/u,
    )
    await secure.stop()
  })

  it('for another name is not', async () => {
    const other = made('other', 'DNS:elsewhere.test')
    const secure = await startFront({ port: peer.port, tls: other })
    expect(await sendIn(secure.address, other.path)).toMatch(/the certificate of 127\S+ is for another name/u)
    await secure.stop()
  })
})

describe('what goes wrong is one sentence and what to do', () => {
  it.each([
    ['no such host', 'nowhere..test', /^there is no host named nowhere\.\.test; look at cluster\.registry/u],
    ['nobody there', '127.0.0.1:9', /^nothing answers at 127\.0\.0\.1:9: connection refused; /u],
  ])('%s', async (_, host, said) => {
    expect(await send(nobody, host)).toMatch(said)
  })

  const disk = '{"errors":[{"code":"UNKNOWN","message":"write /var/lib: no space left on device"}]}'
  it.each<[string, Own, RegExp]>([
    [
      'no right',
      { status: 403, body: '{"errors":[{"message":"read only"}]}' },
      /does not let you push to home\/one \(403: read only\); give that login/u,
    ],
    ['no project', { status: 404 }, /has no place for home\/one \(404\); make that project/u],
    ['a proxy with a limit', { status: 413 }, /a layer of home\/one is larger than 127\S+ takes \(413\)/u],
    ['a full disk', { status: 507 }, /^the disk of 127\S+ is full \(507\); make room/u],
    [
      'a full disk in other words',
      { status: 500, body: disk },
      /^the disk of 127\S+ is full \(500: write .* no space left on device\)/u,
    ],
    ['a failure that lasts', { status: 502 }, /fails at home\/one \(502\), 2 times; look at its log/u],
    ['a cut that lasts', { cutAfter: 0 }, /^the connection to 127\S+ was cut: .*, 2 times; run it again/u],
    ['a refusal without a reason', { status: 400 }, /does not take home\/one \(400\)/u],
    ['a 401 without a way to log in', { status: 401 }, /wants a login/u],
    ['an upload that goes nowhere', { status: 202 }, /names no place that it can take home\/one at: ""/u],
    [
      'an upload where others could listen',
      { status: 202, headers: { location: 'http://192.0.2.1/up' } },
      /names no place .*192\.0\.2\.1/u,
    ],
  ])('%s', async (_, what, said) => {
    own = (seen) => (isPush(seen) ? what : undefined)
    expect(await send()).toMatch(said)
  })

  it('a refusal before all is sent ends the sending', async () => {
    own = (seen) => (seen.method === 'PUT' ? { status: 413, early: true } : undefined)
    const options = { host: front.address, env: { DOCKER_CONFIG: nobody }, repositories: [], pauses: [] }
    const connected = await Registry.connect({ ...options, signal: new AbortController().signal })
    if (!connected.ok) throw new Error(connected.message)
    const source = Readable.from(Array.from({ length: 1000 }, () => Buffer.alloc(64 << 10)))
    const blob = { digest: digestOf('large'), bytes: 1000 * (64 << 10), open: () => source }
    const sent = await connected.registry.upload('home/one', blob, undefined)
    expect(sent.ok ? '' : sent.message).toMatch(/is larger than 127\S+ takes \(413\)/u)
    await vi.waitFor(() => expect(source.destroyed).toBe(true))
  })

  it('asks no sooner than the registry wishes', async () => {
    const times: number[] = []
    own = (seen) => {
      if (!isPush(seen)) return undefined
      times.push(performance.now())
      return times.length === 1 ? { status: 429, headers: { 'retry-after': '1' } } : undefined
    }
    expect(await send()).toBe('')
    expect(times[1]! - times[0]!).toBeGreaterThan(900)
  })

  it('goes on where a proxy that ends TLS makes the registry name plain HTTP, and tells nobody else who asks', async () => {
    const elsewhere = await startFront({
      port: peer.port,
      own: ({ authorization }) => ({ status: authorization === undefined ? 201 : 400 }),
    })
    own = ({ method, authorization }) => {
      if (authorization === undefined) return { status: 401, headers: { 'www-authenticate': 'Basic' } }
      return method === 'POST'
        ? { status: 202, headers: { location: `http://${elsewhere.address}/up?state=1` } }
        : undefined
    }
    expect(await send(dockerConfig({ auths: { [front.address]: { auth: auth('a:b') } } }))).toBe('')
    expect(elsewhere.log).toEqual([expect.stringMatching(/^PUT \/up\?state=1&digest=sha256%3A[0-9a-f]{64} 201$/u)])
    await elsewhere.stop()
  })
})
