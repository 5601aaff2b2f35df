import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '@stricli/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '@homeslice/testing'
import { createApp } from './app.ts'

type Answers = Record<string, readonly [number, object]>

const chart = 'https://k3s.test/static/charts/traefik-34.2.1+up34.2.0.tgz'
const answers: Answers = {
  'GET /version': [200, { gitVersion: 'v1.33.4+k3s1' }],
  'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews': [201, { status: { allowed: true } }],
  'GET /apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts/traefik': [200, { spec: { chart } }],
}

let folder = ''
let server: Server
let kubeconfig: string | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeslice-doctor-'))
  server = createServer((request, response) => {
    const [status, body] = answers[`${request.method} ${request.url?.split('?')[0]}`] ?? [404, { message: 'not found' }]
    request
      .resume()
      .on('end', () => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const text = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'my-k3s', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'my-k3s',
  }
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(text))
  await writeFile(
    join(folder, 'home.yaml'),
    'version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\n' +
      'cluster: { context: my-k3s, lan: [192.0.2.0/24], registry: registry.casa.test }\nservices: { clock: { use: clocktime } }\n',
  )
  kubeconfig = process.env.KUBECONFIG
  process.env.KUBECONFIG = join(folder, 'kubeconfig')
})
afterAll(async () => {
  if (kubeconfig === undefined) delete process.env.KUBECONFIG
  else process.env.KUBECONFIG = kubeconfig
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

const homeslice = async (...words: readonly string[]) => {
  const printed = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof printed) => ({ write: (text: string) => void (printed[name] += text) })
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), exitCode: 0 }
  await run(createApp('1.2.3'), words, {
    process: streams,
    stdin: process.stdin,
    env: process.env,
    cwd: folder,
    checkout: root,
    signal: new AbortController().signal,
  })
  return { ...printed, exit: streams.exitCode }
}

describe('a k3s as it is after its installation', () => {
  it('is told how its Gateway API is turned on, in the words of its own chart', async () => {
    const { stdout, exit } = await homeslice('doctor')
    expect([exit, stdout]).toEqual([
      1,
      `ok  home file: home.yaml is fine
ok  cluster: my-k3s answers, Kubernetes v1.33.4+k3s1
NOT gateway: the cluster knows no HTTPRoute (gateway.networking.k8s.io/v1)
      turn on the Gateway API; for k3s, \`homeslice doctor\` prints how
NOT gateway: the cluster knows no Middleware (traefik.io/v1alpha1)
      turn on Traefik; for k3s, \`homeslice doctor\` prints how
NOT gateway: there is no Gateway kube-system/traefik-gateway
      name yours in cluster.gateway: { namespace, name, section }; for k3s, \`homeslice doctor\` prints how to get one
NOT k3s: the Gateway API of its Traefik is turned on by this, as kubectl apply -f - takes it (never by us):
      apiVersion: helm.cattle.io/v1
      kind: HelmChartConfig
      metadata:
        name: traefik
        namespace: kube-system
      spec:
        valuesContent: |-
          providers:
            kubernetesGateway:
              enabled: true
          gateway:
            listeners:
              web:
                port: 8000
                protocol: HTTP
                namespacePolicy: All
          service:
            spec:
              externalTrafficPolicy: Local
ok  storage: there is a class for every volume
ok  rights: you may do all that \`up\` does
??  network policy: whether this cluster keeps it cannot be asked; k3s does, unless it was started with --disable-network-policy
ok  names: phones find the home by one DNS record on your router: *.casa.test -> this machine's address; paths work by address alone
`,
    ])
  })

  it('gets nothing written, and plan and up say all that is missing', async () => {
    for (const verb of ['plan', 'up']) {
      const { stderr, exit } = await homeslice(verb)
      expect([verb, exit, stderr]).toEqual([
        verb,
        1,
        expect.stringContaining(`homeslice: nothing was changed, since prod cannot come about:
  - the cluster knows no HTTPRoute (gateway.networking.k8s.io/v1)
  - the cluster knows no Middleware (traefik.io/v1alpha1)
  - there is no Gateway kube-system/traefik-gateway
`) as string,
      ])
    }
  })

  it('tells no address; a name is all there is', async () => {
    expect((await homeslice('open', 'clock', '--print')).stdout).toBe('http://casa.test/api/v0/clocktime/\n')
  })

  it('has a route that somebody else has', async () => {
    answers['GET /apis/gateway.networking.k8s.io/v1/httproutes'] = [
      200,
      {
        items: [
          {
            metadata: { name: 'clock', namespace: 'media' },
            spec: {
              parentRefs: [{ namespace: 'kube-system', name: 'traefik-gateway' }],
              rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/api/v0/clocktime' } }] }],
            },
          },
        ],
      },
    ]
    expect((await homeslice('doctor')).stdout).toContain(
      'NOT gateway: /api/v0/clocktime is held by HTTPRoute media/clock\n      give that route another path',
    )
    expect((await homeslice('up')).exit).toBe(3)
  })
})
