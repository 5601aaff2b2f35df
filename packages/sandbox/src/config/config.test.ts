import { expect, test } from 'vitest'
import { placesOf } from '../folders.ts'
import { networkAt } from '../network.ts'
import { recipes, type RecipeName } from '../recipes.ts'
import { dnsObjects } from '../parts/dns.ts'
import { gatewayObjects } from '../parts/gateway.ts'
import { nodeObjects } from '../parts/node.ts'
import { certificateOrder } from './certificates.ts'
import { cniConfig } from './cni.ts'
import { containerdConfig } from './containerd.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { kubeletConfig } from './kubelet.ts'
import { planOf } from './plan.ts'
import { proxyConfig } from './proxy.ts'

const folders = { state: '/state', cache: '/cache' }
const places = placesOf(folders, 'dev')
const network = networkAt(231)
const node = 'homeslice-dev'
const built = Object.fromEntries(recipes.map(({ name }) => [name, `${name}-0`])) as Record<RecipeName, string>
const settings = { version: 1, name: 'dev', ports: { api: 1, http: 2, https: 3 }, octet: 231, durable: true } as const
const machine = { linux: true, root: true, overlay: true, unifiedGroups: false }

const plan = planOf({ folders, places, settings, machine, built, node, network })

test.each([
  ['plan', plan],
  ['certificates', certificateOrder('/pki', node, network)],
  ['kubelet', kubeletConfig(places.group, network)],
  ['proxy', proxyConfig(node, network)],
  ['cni', cniConfig(node)],
  [
    'parts',
    [
      ...nodeObjects(),
      ...dnsObjects('dns:1', network),
      ...gatewayObjects('traefik:1', network, { certificate: 'C', key: 'K' }),
    ],
  ],
])('the whole of %s', async (name, value) => {
  await expect(`${JSON.stringify(value, null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.json`)
})

test('containerd, with and without stacked file systems', async () => {
  const options = { runc: '/runc', pause: 'pause:1', cniFolders: ['/a', '/b'], overlay: true }
  await expect(containerdConfig(options)).toMatchFileSnapshot('golden/containerd.toml')
  expect(containerdConfig({ ...options, overlay: false })).toContain('snapshotter = "native"')
})

test('a kubeconfig holds everything it needs', async () => {
  const text = kubeconfigText({ name: 'n', server: 'https://127.0.0.1:1', authority: 'A', certificate: 'C', key: 'K' })
  await expect(text).toMatchFileSnapshot('golden/kubeconfig.yaml')
})

test('only a sandbox that nobody will miss skips fsync', () => {
  const flag = '--unsafe-no-fsync'
  const etcd = (it: typeof plan) => it.processes.find(({ name }) => name === 'etcd')?.command
  expect(etcd(plan)).not.toContain(flag)
  const hasty = planOf({ folders, places, settings: { ...settings, durable: false }, machine, built, node, network })
  expect(etcd(hasty)).toContain(flag)
})

test('control groups of version 2 are one tree', () => {
  const unified = planOf({
    folders,
    places,
    settings,
    machine: { ...machine, unifiedGroups: true },
    built,
    node,
    network,
  })
  expect(unified.setup).toContainEqual(['mkdir', '-p', `/sys/fs/cgroup${places.group}`])
})

test('every port is opened on loopback only', () => {
  expect(plan.forwards.map(({ listen }) => listen)).toEqual(['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'])
})
