import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Applied } from '@homeslice/cluster'
import { followWays, waitForWays, waysOf } from './ways.ts'

const route = (rule: object, more: object = {}) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'web', labels: { 'homeslice.dev/service': 'web' } },
  spec: { rules: [rule], ...more },
})
const matches = [{ path: { type: 'PathPrefix', value: '/web' } }, { path: { type: 'PathPrefix', value: '/other' } }]

describe('the ways of a rendering', () => {
  it.each([
    ['to pods', route({ matches, backendRefs: [{ name: 'web' }] }), [{ service: 'web', path: '/web' }]],
    [
      'by a name',
      route({ matches, backendRefs: [{ name: 'web' }] }, { hostnames: ['web.casa.test'] }),
      [{ service: 'web', path: '/web', host: 'web.casa.test' }],
    ],
    ['elsewhere, which nobody waits for', route({ matches, filters: [] }), []],
    ['of what is no route', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }, []],
  ])('%s', (_, object, ways) => {
    expect(waysOf([object])).toEqual(ways)
  })

  it.each([
    [0, 0],
    [1, 1],
    [undefined, 1],
  ])('to a service of %s replicas: %i', (replicas, ways) => {
    const labels = { 'homeslice.dev/service': 'web' }
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: { replicas },
    }
    expect(waysOf([route({ matches, backendRefs: [{ name: 'web' }] }), deployment])).toHaveLength(ways)
  })
})

describe('waiting for ways', () => {
  let gateway: Server | undefined
  afterEach(() => gateway?.close())
  const listen = (answers: (at: number) => readonly [number, string]): Promise<{ port: number; asked: string[] }> => {
    const asked: string[] = []
    const server = createServer(({ method, headers, url }, response) => {
      const [status, body] = answers(asked.push(`${method} ${headers.host?.split(':')[0]} ${url}`))
      response.writeHead(status).end(body)
    })
    gateway = server
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, asked })),
    )
  }
  const way = { service: 'web', path: '/web' }
  const at = (port: number): string => `http://127.0.0.1:${port}`
  const signal = new AbortController().signal

  it('ends once the service itself answers, whatever it says', async () => {
    const { port, asked } = await listen((at) =>
      at === 1 ? [404, '404 page not found\n'] : at === 2 ? [503, 'no available server\n'] : [503, 'my own words'],
    )
    const named = { ...way, host: 'web.casa.test' }
    expect(await waitForWays([named], { base: at(port), signal })).toEqual(new Map())
    expect(asked).toEqual(Array(3).fill('OPTIONS web.casa.test /web'))
  })

  it('gives a reason where nobody is behind the gateway', async () => {
    const { port } = await listen(() => [503, 'no available server\n'])
    expect(await waitForWays([way], { base: at(port), signal, deadlineSeconds: 0.3 })).toEqual(
      new Map([['web', 'Route: the gateway answers 503 for /web (no available server): it cannot reach the service']]),
    )
  })

  it('takes a lasting 404 for the word of the service', async () => {
    const { port } = await listen(() => [404, '404 page not found\n'])
    expect(await waitForWays([way], { base: at(port), signal, unknownSeconds: 0.3 })).toEqual(new Map())
  })

  it('gives a reason where no gateway is, and ends when told', async () => {
    const { port } = await listen(() => [200, ''])
    await new Promise((resolve) => gateway?.close(resolve))
    const none = await waitForWays([way], { base: at(port), signal, deadlineSeconds: 0.2 })
    expect(none.get('web')).toContain('ECONNREFUSED')
    const abort = AbortSignal.timeout(200)
    expect(await waitForWays([way], { base: at(port), signal: abort })).toEqual(new Map())
  })
  const applied = (created: number): Applied => ({
    ok: true,
    created,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    services: [{ name: 'web', namespace: 'casa-prod-web', ready: true }],
    interrupted: false,
  })
  const objects = [route({ matches, backendRefs: [{ name: 'web' }] })]

  it('through a gateway elsewhere ends as through our own', async () => {
    const { port, asked } = await listen(() => [200, 'OK'])
    const led = await followWays(applied(1), { objects, gateway: { url: at(port) }, signal })
    expect([led, asked]).toEqual([
      { services: applied(1).services, notes: [] },
      ['OPTIONS 127.0.0.1 /', 'OPTIONS 127.0.0.1 /web'],
    ])
  })

  it('says that nobody saw the way where a gateway elsewhere is out of reach', async () => {
    const { port } = await listen(() => [200, ''])
    await new Promise((resolve) => gateway?.close(resolve))
    expect(await followWays(applied(1), { objects, gateway: { url: at(port) }, signal })).toEqual({
      services: applied(1).services,
      notes: [`  nobody answers at ${at(port)} from here: whether it leads to the services was not seen`],
    })
  })

  it('is nothing where nothing changed', async () => {
    const { port, asked } = await listen(() => [200, ''])
    await followWays(applied(0), { objects, gateway: { http: port }, signal })
    expect(asked).toEqual([])
  })
})
