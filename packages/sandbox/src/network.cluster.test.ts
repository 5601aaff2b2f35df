import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './command.ts'
import { networkAt } from './network.ts'
import { runInPod, spawnInPod } from './pod.ts'
import { readSettings, type Settings } from './settings.ts'
import { placesOf } from './folders.ts'
import { startDevice, type Device } from './device.ts'
import { startTrial, waitingPods, type Trial } from './trial.ts'

const namespace = 'net'
let trial: Trial
let settings: Settings
let device: Device
let server: ChildProcess

/** The status that a pod gets from a URL, or `refused` or `silent`. */
const ask = async (pod: string, url: string, ...more: string[]): Promise<string> => {
  const command = [
    'curl',
    '--silent',
    '--insecure',
    '--max-time',
    '2',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
  ]
  const done = await runInPod(trial, { namespace, pod }, [...command, ...more, url])
  if (!done.ok) throw new Error(done.message)
  if (done.finished.code === 0) return done.finished.stdout
  return done.finished.code === 28 ? 'silent' : 'refused'
}

const policy = (name: string, pod: string, rules: object): object => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: { podSelector: { matchLabels: { app: pod } }, ...rules },
})

const web = `require('node:http').createServer((request, response) => {
  response.end(JSON.stringify({ headers: request.headers, from: request.socket.remoteAddress }))
}).listen(8000, '0.0.0.0', () => console.log('up'))`

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8000 }] },
}

beforeAll(async () => {
  trial = await startTrial('network')
  const read = readSettings(placesOf(trial.folders, trial.name).settings)
  if (!read.ok || !read.settings) throw new Error('no settings')
  settings = read.settings
  await trial.apply(...waitingPods(namespace, 'web', 'open', 'closed', 'friend', 'stranger'), service)
  await trial.kubectl(['wait', 'pod', '--all', '-n', namespace, '--for=condition=Ready', '--timeout=60s'])
  await trial.apply(
    policy('closed', 'closed', { policyTypes: ['Ingress', 'Egress'] }),
    policy('web', 'web', {
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: 'friend' } } }] },
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'homeslice-gateway' } },
              podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
            },
          ],
        },
      ],
    }),
  )
  const spawned = await spawnInPod(trial, { namespace, pod: 'web' }, [process.execPath, '-e', web])
  if (!spawned.ok) throw new Error(spawned.message)
  server = spawned.child
  await new Promise((resolve) => server.stdout?.once('data', resolve))
  device = await startDevice({ address: '198.51.100.20', port: 9999 })
})

afterAll(async () => {
  server?.kill()
  await device?.remove()
  await trial?.remove()
})

describe('policy', () => {
  const { node } = networkAt(231)

  test('lets in who is named, by service address and by name, and nobody else', async () => {
    const address = (
      await trial.kubectl(['get', 'svc', 'web', '-n', namespace, '-o=jsonpath={.spec.clusterIP}'])
    ).trim()
    await expect.poll(() => ask('friend', `http://${address}/`), { timeout: 20_000 }).toBe('200')
    expect(await ask('stranger', `http://${address}/`)).toBe('silent')
  })

  test('keeps a pod that may nothing from the API server, the node, the gateway and DNS', async () => {
    const { gateway, dns } = networkAt(settings.octet)
    expect(await ask('open', `https://${node}:6443/readyz`)).toBe('200')
    expect(await ask('closed', `https://${node}:6443/readyz`)).toBe('silent')
    expect(await ask('open', `https://${node}:10250/`)).not.toBe('silent')
    expect(await ask('closed', `https://${node}:10250/`)).toBe('silent')
    expect(await ask('closed', `http://${gateway}:8000/`)).toBe('silent')
    expect(await resolve('open', dns)).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
    expect(await resolve('closed', dns)).not.toMatch(/^\d/)
  })

  test('keeps every pod from the gateway, so that it is no way around', async () => {
    const { gateway } = networkAt(settings.octet)
    expect(await ask('open', `http://${gateway}:8000/`)).toBe('silent')
  })
})

/** What a pod is told for the name of the Service `web`. */
const resolve = async (pod: string, server: string): Promise<string> => {
  const script = `const r = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 1 }); r.setServers(['${server}'])
r.resolve4('web.${namespace}.svc.cluster.local').then(([a]) => console.log(a), (e) => console.log(e.code))`
  const done = await runInPod(trial, { namespace, pod }, [process.execPath, '-e', script])
  return done.ok ? done.finished.stdout.trim() : done.message
}

describe('a device of the LAN, outside the sandbox', () => {
  test('is reached at its address by a pod that may', async () => {
    expect(await ask('open', device.url)).toBe('200')
  })

  test('is out of reach for a pod that may not', async () => {
    expect(await ask('closed', device.url)).toBe('silent')
  })

  test('is in reach again when a policy names its address, and only its port', async () => {
    await trial.apply(
      policy('closed', 'closed', {
        policyTypes: ['Ingress', 'Egress'],
        egress: [{ to: [{ ipBlock: { cidr: '198.51.100.20/32' } }], ports: [{ port: 9999, protocol: 'TCP' }] }],
      }),
    )
    await expect.poll(() => ask('closed', device.url), { timeout: 20_000 }).toBe('200')
    expect(await ask('closed', 'http://198.51.100.20:9998/')).toBe('silent')
  })

  test("this machine's own loopback is out of reach", async () => {
    const { outside, resolver } = networkAt(settings.octet)
    const machine = outside.replace('.0/24', '.2')
    expect(await ask('open', `http://${machine}:${settings.ports.http}/`)).not.toBe('404')
    expect(await ask('open', `http://${resolver}:${settings.ports.http}/`)).not.toBe('404')
  })
})

const route = (name: string, sources: string[]): object[] => [
  {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name, namespace },
    spec: { ipAllowList: { sourceRange: sources } },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: {
      parentRefs: [{ name: 'homeslice', namespace: 'homeslice-gateway' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: `/${name}` } }],
          filters: [{ type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name } }],
          backendRefs: [{ name: 'web', port: 80 }],
        },
      ],
    },
  },
]
const get = (path: string, ...more: string[]) =>
  run(['curl', '--silent', '--insecure', '--max-time', '5', '--write-out', '\n%{http_code}', ...more, path])

describe('the gateway', () => {
  test('leads to a service, and knows this machine as 127.0.0.1, whatever a client claims', async () => {
    await trial.apply(...route('mine', ['127.0.0.0/8']), ...route('theirs', ['192.0.2.0/24']))
    const here = `http://127.0.0.1:${settings.ports.http}`
    await expect
      .poll(async () => (await get(`${here}/mine`)).stdout.split('\n').at(-1), { timeout: 20_000 })
      .toBe('200')
    const answer = JSON.parse((await get(`${here}/mine`)).stdout.split('\n')[0] ?? '')
    expect(answer.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' })
    await expect.poll(async () => (await get(`${here}/theirs`)).stdout, { timeout: 20_000 }).toContain('403')
    expect((await get(`${here}/theirs`, '--header', 'X-Forwarded-For: 192.0.2.7')).stdout).toContain('403')
    expect((await get(`https://127.0.0.1:${settings.ports.https}/mine`)).stdout).toMatch(/200$/)
  })
})
