import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildImages } from '@homeslice/images'
import type { KubeObject } from '@homeslice/render'
import { importImages, kubeconfigPath, portsOf } from '@homeslice/sandbox'
import { startTrial, type Trial } from '@homeslice/sandbox/trial'
import { type Ended, homeslice, root } from '@homeslice/testing'

/** A cluster that looks like a k3s of somebody's, with homes of ours on it that know nothing but its kubeconfig. */
export type Theirs = {
  readonly trial: Trial
  readonly kubeconfig: string
  /** The address that the cluster says its gateway has. */
  readonly address: string
  readonly folder: string
  /** The images of ours that its node has, by service: a home names them as it names anybody's. */
  readonly images: Readonly<Record<string, string>>
  /** Writes a home file and gives its path. */
  readonly write: (name: string, text: string) => Promise<string>
  /** `homeslice …` as whoever runs the cluster, or with another kubeconfig. */
  readonly homeslice: (words: readonly string[], as?: string) => Promise<Ended>
  readonly get: (...args: readonly string[]) => Promise<KubeObject[]>
  /** A request through its gateway: the status. */
  readonly request: (path: string) => Promise<number>
  /** The versions of everything that is not ours. */
  readonly versions: () => Promise<Readonly<Record<string, string>>>
  readonly remove: () => Promise<void>
}

const traefik = { name: 'traefik', namespace: 'kube-system' }

/** Starts it: Traefik and its Gateway in kube-system, a load balancer with the node's address, a node that is off, workloads of others. */
export const startTheirs = async (name: string): Promise<Theirs> => {
  const trial = await startTrial(name)
  const folder = mkdtempSync('/tmp/theirs-')
  const kubeconfig = kubeconfigPath(trial)
  const get = async (...args: readonly string[]): Promise<KubeObject[]> =>
    (JSON.parse(await trial.kubectl(['get', ...args, '-o', 'json'])) as { items: KubeObject[] }).items
  const address = await moveGateway(trial, get)
  const imported = await buildImages({ root, cache: trial.folders.cache, report: () => undefined })
  if (!imported.ok) throw new Error(imported.message)
  const there = await importImages(trial, imported.images)
  if (!there.ok) throw new Error(there.message)
  await trial.apply(...foreign)
  await trial.kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], JSON.stringify(release))
  await trial.kubectl(['rollout', 'status', '-n', 'media', 'deployment/player', '--timeout=60s'])
  const env = { HOMESLICE_IDENTITY: join(folder, 'identity.txt'), HOMESLICE_STATE: join(folder, 'state') }
  return {
    trial,
    kubeconfig,
    address,
    folder,
    images: Object.fromEntries(imported.images.map((one) => [one.name, one.reference])),
    write: async (file, text) => {
      await writeFile(join(folder, file), text)
      return join(folder, file)
    },
    homeslice: (words, as = kubeconfig) => homeslice(words, { env: { ...env, KUBECONFIG: as } }),
    get,
    request: async (path) => {
      const response = await fetch(`http://127.0.0.1:${portsOf(trial)?.http}${path}`)
      await response.text()
      return response.status
    },
    versions: () => versionsOf(trial),
    remove: async () => {
      await trial.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Get = Theirs['get']

/** What the Traefik of k3s is like: in kube-system, its Gateway beside it, with the address of the load balancer. */
const moveGateway = async (trial: Trial, get: Get): Promise<string> => {
  const old = 'homeslice-gateway'
  const [account, deployment, service] = await Promise.all(
    ['serviceaccount', 'deployment', 'service'].map(async (kind) => {
      const [object] = await get(kind, '-n', old, '-l', 'app.kubernetes.io/name=traefik')
      if (object === undefined) throw new Error(`the sandbox has no ${kind} of Traefik`)
      return inKubeSystem(object)
    }),
  )
  if (account === undefined || deployment === undefined || service === undefined)
    throw new Error('three were asked for')
  await trial.kubectl(['delete', 'namespace', old])
  await trial.kubectl(['delete', 'gatewayclass', 'homeslice'])
  const [node] = await get('nodes')
  const address =
    (node as unknown as { status: { addresses: { address: string }[] } }).status.addresses[0]?.address ?? ''
  const status = ['--providers.kubernetesgateway.statusaddress.service.name=traefik']
  await trial.apply(
    account,
    withArgs(deployment, [...status, '--providers.kubernetesgateway.statusaddress.service.namespace=kube-system']),
    { ...service, spec: { ...(service.spec as object), type: 'LoadBalancer' } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'traefik-kube-system' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'homeslice:traefik' },
      subjects: [{ kind: 'ServiceAccount', ...traefik }],
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'traefik' },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    },
    gateway('All'),
  )
  const ingress = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: address }] } } })
  await trial.kubectl(['patch', 'service', 'traefik', '-n', 'kube-system', '--subresource=status', '-p', ingress])
  await trial.kubectl([
    'wait',
    '-n',
    'kube-system',
    'gateway/traefik-gateway',
    '--for=condition=Programmed',
    '--timeout=90s',
  ])
  return address
}

/** The Gateway of k3s' chart, which takes routes from its own namespace (`Same`) unless told otherwise. */
export const gateway = (from: 'All' | 'Same'): object => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'traefik-gateway', namespace: 'kube-system' },
  spec: {
    gatewayClassName: 'traefik',
    listeners: [{ name: 'web', port: 8000, protocol: 'HTTP', allowedRoutes: { namespaces: { from } } }],
  },
})

const inKubeSystem = ({ apiVersion, kind, metadata: { name, labels }, spec }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'kube-system', labels: { ...labels } },
  ...(spec === undefined ? {} : { spec: withoutAddresses(spec as Record<string, unknown>) }),
})

const withoutAddresses = (spec: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(spec).filter(([key]) => key !== 'clusterIPs'))

const withArgs = (deployment: KubeObject, more: readonly string[]): object => {
  const spec = deployment.spec as { template: { spec: { containers: [{ args: string[] }] } } }
  spec.template.spec.containers[0].args.push(...more)
  return deployment
}

const labels = { app: 'player' }

/** Workloads of others, and a node of theirs that is switched off. */
const foreign: readonly object[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'media' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'attic' } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'player', namespace: 'media' },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'player', image: 'nowhere.test/player:1' }] } },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'most', namespace: 'media' },
    spec: { hard: { pods: '5' } },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'blog', namespace: 'media' },
    spec: {
      parentRefs: [{ name: 'traefik-gateway', namespace: 'kube-system', sectionName: 'web' }],
      rules: [
        { matches: [{ path: { type: 'PathPrefix', value: '/blog/' } }], backendRefs: [{ name: 'player', port: 80 }] },
      ],
    },
  },
]

/** What Helm leaves: its labels, and its name on every field. */
const release = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'radio',
        namespace: 'media',
        labels: { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'radio-1.2.3' },
        annotations: { 'meta.helm.sh/release-name': 'radio', 'meta.helm.sh/release-namespace': 'media' },
      },
      data: { station: '1' },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'radio', namespace: 'media', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      spec: { selector: { app: 'radio' }, ports: [{ name: 'http', port: 80 }] },
    },
  ],
}

/** What the cluster itself writes to all the time, whoever is on it. */
const restless = /^(events|leases|nodes|endpoints|endpointslices|componentstatuses)(\.|$)/u

/** What a controller of theirs notes down about our routes and pods; what is asked of it must not change. */
const byGeneration: readonly string[] = [
  'Gateway',
  'GatewayClass',
  'FlowSchema',
  'PriorityLevelConfiguration',
  'APIService',
]

const isOurs = ({ kind, metadata: { name, namespace = '', labels: its = {} } }: KubeObject): boolean =>
  [name, namespace].some((one) => one === 'homeslice-system') ||
  (kind.startsWith('ValidatingAdmissionPolicy') && name === 'homeslice-writer') ||
  its['app.kubernetes.io/managed-by'] === 'homeslice' ||
  /^(casa|villa)-/u.test(namespace)

const versionsOf = async (trial: Trial): Promise<Record<string, string>> => {
  const kinds = (await trial.kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n')
  const text = await trial.kubectl(['get', kinds.filter((kind) => !restless.test(kind)).join(','), '-A', '-o', 'json'])
  const { items } = JSON.parse(text) as { items: KubeObject[] }
  return Object.fromEntries(
    items
      .filter((object) => !isOurs(object))
      .map(({ kind, metadata }) => [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        String(byGeneration.includes(kind) ? metadata.generation : metadata.resourceVersion),
      ]),
  )
}
