import { createServer, type RequestListener, type Server } from 'node:http'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { connect, type Connection } from './connection.ts'
import { kindOf } from './kinds.ts'
import { applyObject, deleteObject, getObject, listKind } from './objects.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeslice-cluster-'))
afterAll(() => rmSync(folder, { recursive: true }))
let server: Server | undefined
afterEach(() => {
  vi.unstubAllEnvs()
  server?.closeAllConnections()
  server?.close()
})

const config = (url: string): string => {
  const path = join(folder, 'kubeconfig')
  const text = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'one',
  }
  writeFileSync(path, JSON.stringify(text))
  return path
}
const json =
  (body: object, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
const serve = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}
/** Answers `/version` as a cluster, and everything else by these listeners, one after another; the last one stays. */
const cluster = async (...listeners: RequestListener[]): Promise<{ connection: Connection; calls: () => number }> => {
  let calls = 0
  const url = await serve((request, response) => {
    if (request.url === '/version') return json({ gitVersion: 'v1.36.3' })(request, response)
    const listener = listeners[Math.min(calls, listeners.length - 1)]
    calls += 1
    listener?.(request, response)
  })
  const connected = await connect({ kubeconfig: config(url) })
  if (!connected.ok) throw new Error(connected.message)
  return { connection: connected.connection, calls: () => calls }
}
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n', uid: '1' } }

describe('a cluster that cannot be had', () => {
  const failed = async (url: string, context?: string) => {
    const connected = await connect({ kubeconfig: config(url), ...(context ? { context } : {}) })
    return connected.ok ? 'connected' : `${connected.kind}: ${connected.message}`
  }
  it.each([
    [
      'nobody listens',
      () => Promise.resolve('http://127.0.0.1:1'),
      'unreachable: nothing answers at http://127.0.0.1:1',
    ],
    [
      'an unknown name',
      () => Promise.resolve('http://nowhere.invalid:6443'),
      'unreachable: the name in http://nowhere.invalid:6443 is not known',
    ],
  ])('%s', async (_, url, message) => {
    expect(await failed(await url())).toBe(message)
  })
  it.each([
    ['no Kubernetes', json({ hello: 1 }), /^unreachable: .* answered 200, which is no Kubernetes$/u],
    ['a page', (_, response) => response.end('<html>'), /which is no Kubernetes$/u],
    ['a stranger', json({ message: 'Unauthorized' }, 401), /^unreachable: .* does not know who you are$/u],
    ['one that lets nobody in', json({ message: 'go away' }, 403), /^unreachable: .* lets you do nothing: go away$/u],
    [
      'an old one',
      json({ gitVersion: 'v1.29.1' }),
      /^refused: the cluster runs Kubernetes v1\.29\.1; Homeslice needs 1\.30 or newer$/u,
    ],
  ])('%s', async (_, listener, message) => {
    expect(await failed(await serve(listener))).toMatch(message)
  })
  it('a context that is not there, and a file that is no kubeconfig', async () => {
    expect(await failed('http://127.0.0.1:1', 'two')).toBe('unreachable: the kubeconfig has no context "two"')
    writeFileSync(join(folder, 'bad'), '{{')
    const bad = await connect({ kubeconfig: join(folder, 'bad') })
    expect(bad.ok ? '' : bad.message).toContain('the kubeconfig cannot be read')
    writeFileSync(join(folder, 'empty'), '{}')
    const empty = await connect({ kubeconfig: join(folder, 'empty') })
    expect(empty.ok).toBe(false)
    expect(await connect({ kubeconfig: join(folder, 'empty'), context: 'two' })).toMatchObject({ fix: 'it has none' })
  })
  it('a machine without a kubeconfig', async () => {
    vi.stubEnv('KUBECONFIG', undefined)
    vi.stubEnv('HOME', folder)
    expect(await connect({})).toMatchObject({ ok: false, message: 'there is no kubeconfig on this machine' })
  })
  it('credentials that a program does not give', async () => {
    const url = await serve(json({ gitVersion: 'v1.36.3' }))
    const file = config(url)
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', interactiveMode: 'Never' }
    const text = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({ ...text, users: [{ name: 'u', user: { exec } }] }))
    expect(await connect({ kubeconfig: file })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining(`no credentials for ${url}: `),
    })
  })
})

describe('a cluster that can be had', () => {
  it('is found as kubectl finds it, and by the name of its context', async () => {
    const server = await serve(json({ gitVersion: 'v1.36.3' }))
    vi.stubEnv('KUBECONFIG', config(server))
    const expected = { ok: true, connection: { server, version: 'v1.36.3' } }
    expect(await connect({})).toMatchObject(expected)
    expect(await connect({ context: 'one' })).toMatchObject(expected)
  })
})

describe('bad days of an API server', () => {
  it.each([429, 500, 502, 503, 504])('%i is tried again', async (status) => {
    const { connection, calls } = await cluster(json({}, status), json({}, status), json(map))
    expect((await getObject(connection, map)).ok).toBe(true)
    expect(calls()).toBe(3)
  })
  it('a connection that breaks is tried again', async () => {
    const { connection, calls } = await cluster((request) => request.socket.destroy(), json(map))
    expect((await getObject(connection, map)).ok).toBe(true)
    expect(calls()).toBe(2)
  })
  it('half an answer is tried again', async () => {
    const half: RequestListener = (request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('{"a":')
      setTimeout(() => request.socket.destroy(), 20)
    }
    const { connection } = await cluster(half, json(map))
    expect((await getObject(connection, map)).ok).toBe(true)
  })
  it('an abort ends it', async () => {
    const abort = new AbortController()
    const url = await serve(json({ gitVersion: 'v1.36.3' }))
    const connected = await connect({ kubeconfig: config(url), signal: abort.signal })
    abort.abort()
    const got = connected.ok && (await getObject(connected.connection, map))
    expect(got).toMatchObject({ ok: false, kind: 'interrupted' })
  })
  it.each([
    [403, 'you may not read ConfigMap a'],
    [401, 'the cluster no longer knows who you are'],
    [418, 'the cluster would not read ConfigMap a: 418'],
  ])('%i is a sentence', async (status, words) => {
    const { connection } = await cluster(json({ message: 'why' }, status))
    const said = await getObject(connection, map)
    expect('message' in said ? said.message : '').toContain(words)
  })
})

describe('objects', () => {
  it('are listed page by page, and from the start where the server forgot', async () => {
    const page = (name: string, next?: string) =>
      json({ items: [{ metadata: { name } }], metadata: next ? { continue: next } : {} })
    const { connection } = await cluster(page('a', 'n'), json({}, 410), page('a', 'n'), page('b'))
    const listed = await listKind(connection, kindOf(map), { labels: 'x=y' })
    expect(listed.ok && listed.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap a',
      'ConfigMap b',
    ])
  })
  it('of a kind that the cluster does not have are none', async () => {
    const { connection } = await cluster(json({}, 404))
    expect(await listKind(connection, kindOf(map), {})).toEqual({ ok: true, objects: [] })
  })
  it('are asked for by their metadata alone where what they hold is not needed; none of them is null', async () => {
    let accept: string | undefined
    const { connection } = await cluster((request, response) => {
      accept = request.headers.accept
      json({ kind: 'PartialObjectMetadataList', items: null, metadata: {} })(request, response)
    })
    expect(await listKind(connection, kindOf(map), { bare: true })).toEqual({ ok: true, objects: [] })
    expect(accept).toBe('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')
  })
  it('are never taken to be none by an answer that is no list', async () => {
    const { connection } = await cluster(json({ kind: 'SecretList', items: null, metadata: {} }))
    expect(await listKind(connection, kindOf(map), {})).toMatchObject({
      ok: false,
      message: 'the cluster would not list configmaps: 200 this is no list',
    })
  })
  it.each([
    [404, 'missing'],
    [409, 'conflict'],
    [422, 'invalid'],
  ])('%i is for the caller to judge', async (status, problem) => {
    const { connection } = await cluster(
      json({ message: 'why', details: { causes: [{ message: 'm', field: 'f' }] } }, status),
    )
    expect(await applyObject(connection, map, { dryRun: true })).toMatchObject({
      ok: false,
      problem,
      message: 'why',
      causes: [{ field: 'f' }],
    })
  })
  it('are deleted only as they were seen; gone already is fine', async () => {
    const bodies: string[] = []
    const { connection } = await cluster((request, response) => {
      let text = ''
      request
        .on('data', (chunk) => (text += String(chunk)))
        .on('end', () => {
          bodies.push(text)
          json({}, 404)(request, response)
        })
    })
    expect(await deleteObject(connection, map)).toEqual({ ok: true })
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ propagationPolicy: 'Background', preconditions: { uid: '1' } })
  })
  it('of a kind that we never render are a bug', () => {
    expect(() => kindOf({ apiVersion: 'v1', kind: 'Node' })).toThrow('no kind v1 Node')
  })
})
