import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Drift } from '@homeslice/plan'
import type { House } from '@homeslice/testing'

/** A house of every kind of object that hands can reach. */
export const driftingHouse = `version: 1
home: { name: casa, timezone: Europe/Lisbon, domain: casa.test }
devices:
  porch: { kind: kasa, address: 192.0.2.20, simulate: true }
  lamp: { kind: wemo, address: 192.0.2.21, simulate: true }
services:
  clocktime: { use: clocktime, replicas: 1 }
  buttons: { use: buttons, needs: [clocktime] }
  switches: { use: switches, devices: [porch, lamp] }
  notes: { use: clocktime, routes: [], env: { TOKEN: { secret: token } } }
  tasks: { use: clocktime, routes: [], data: { /data: 16Mi } }
`

/** One edit by hand, under a field manager of its own, and what is to be told of it. */
export type HandEdit = {
  readonly what: string
  readonly edit: (house: House, manager: string) => Promise<unknown>
  /** Nothing where it is nobody's drift. */
  readonly told: (Omit<Partial<Drift>, 'path'> & { readonly path?: string | RegExp }) | undefined
  /** The object is another one by then, or goes. */
  readonly remade?: true
  /** The cluster keeps no name of whoever did it. */
  readonly nameless?: true
  /** Of a Secret, which the keeper does not see. */
  readonly secret?: true
  /** Nor when: it writes none beside a scale. */
  readonly timeless?: true
}

type Target = { readonly service: string; readonly kind: string; readonly name?: string }
type How = Target & { readonly type?: 'json' | 'merge' | 'strategic'; readonly more?: readonly string[] }

const namespaceOf = (service: string): string => `casa-prod-${service}`

const run =
  ({ service, kind, name = service }: Target, verb: readonly string[], ...words: readonly string[]): HandEdit['edit'] =>
  (house, manager) =>
    house.kubectl(...verb, kind, name, '-n', namespaceOf(service), ...words, `--field-manager=${manager}`)

const patch =
  ({ service, kind, name = service, type = 'merge', more = [] }: How, body: object): HandEdit['edit'] =>
  (house, manager) =>
    run({ service, kind, name }, ['patch'], `--type=${type}`, '-p', JSON.stringify(body), ...more)(house, manager)

const remove =
  ({ service, kind, name = service }: Target): HandEdit['edit'] =>
  (house) =>
    house.kubectl('delete', kind, name, '-n', namespaceOf(service))

type Loose = Record<string, unknown> & { metadata: Record<string, unknown> }

/** Deletes an object and makes it anew with something changed: the only way with what is sealed. */
const remake =
  ({ service, kind }: Target, change: (object: Loose) => void): HandEdit['edit'] =>
  async (house, manager) => {
    const text = await house.kubectl('get', kind, '-n', namespaceOf(service), '-l', 'owner=casa', '-o', 'json')
    const [object] = (JSON.parse(text) as { items: Loose[] }).items
    if (object === undefined) throw new Error(`there is no ${kind} of ${service}`)
    const { name, namespace, labels } = object.metadata
    const next: Loose = { ...object, metadata: { name, namespace, labels } }
    change(next)
    const file = join(house.folder, `${kind}-${service}.json`)
    await writeFile(file, JSON.stringify(next))
    await house.kubectl('delete', kind, String(name), '-n', namespaceOf(service))
    return house.kubectl('create', '-f', file, `--field-manager=${manager}`)
  }

const create =
  (object: (manager: string) => object): HandEdit['edit'] =>
  async (house, manager) => {
    const file = join(house.folder, `${manager}.json`)
    await writeFile(file, JSON.stringify(object(manager)))
    return house.kubectl('create', '-f', file, `--field-manager=${manager}`)
  }

/** The canary that must show nowhere. */
export const canary = 'canary-b41d'

const container = 'spec.template.spec.containers'
const open = { podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] }
const ourLabels = {
  'app.kubernetes.io/managed-by': 'homeslice',
  'homeslice.dev/env': 'prod',
  'homeslice.dev/home': 'casa',
  'homeslice.dev/service': 'clocktime',
}

/** What people do to a cluster by hand. */
export const handEdits: readonly HandEdit[] = [
  {
    what: 'another image',
    edit: run({ service: 'buttons', kind: 'deployment' }, ['set', 'image'], 'buttons=registry.test/other:1'),
    told: {
      service: 'buttons',
      change: 'changed',
      path: `${container}[buttons].image`,
      after: 'registry.test/other:1',
    },
  },
  {
    what: 'a variable more',
    edit: run({ service: 'clocktime', kind: 'deployment' }, ['set', 'env'], 'MORE=1'),
    told: { service: 'clocktime', change: 'added', path: `${container}[clocktime].env[MORE]` },
  },
  {
    what: 'the value of a variable',
    edit: run({ service: 'switches', kind: 'deployment' }, ['set', 'env'], 'TZ=UTC'),
    told: {
      service: 'switches',
      change: 'changed',
      path: `${container}[switches].env[TZ].value`,
      before: 'Europe/Lisbon',
      after: 'UTC',
    },
  },
  {
    what: 'replicas where the home declares them',
    edit: patch({ service: 'clocktime', kind: 'deployment', more: ['--subresource=scale'] }, { spec: { replicas: 2 } }),
    told: { service: 'clocktime', change: 'changed', path: 'spec.replicas', before: '1', after: '2' },
    timeless: true,
  },
  {
    what: 'replicas where it does not',
    edit: patch({ service: 'switches', kind: 'deployment', more: ['--subresource=scale'] }, { spec: { replicas: 2 } }),
    told: undefined,
  },
  {
    what: 'a limit',
    edit: patch({ service: 'device-porch', kind: 'deployment', type: 'json' }, [
      { op: 'replace', path: '/spec/template/spec/containers/0/resources/limits/cpu', value: '200m' },
    ]),
    told: {
      service: 'device-porch',
      change: 'changed',
      path: `${container}[device-porch].resources.limits.cpu`,
      before: '250m',
      after: '200m',
    },
  },
  {
    what: 'a probe less',
    edit: patch({ service: 'switches', kind: 'deployment', type: 'json' }, [
      { op: 'remove', path: '/spec/template/spec/containers/0/livenessProbe' },
    ]),
    told: { service: 'switches', change: 'removed', path: `${container}[switches].livenessProbe` },
    nameless: true,
  },
  {
    what: 'the port of a Service',
    edit: patch({ service: 'buttons', kind: 'service', type: 'json' }, [
      { op: 'replace', path: '/spec/ports/0/port', value: 81 },
    ]),
    told: { service: 'buttons', change: 'added', path: 'spec.ports[81]' },
  },
  {
    what: 'whom a Service leads to',
    edit: patch(
      { service: 'clocktime', kind: 'service' },
      { spec: { selector: { 'app.kubernetes.io/name': 'other' } } },
    ),
    told: { service: 'clocktime', change: 'changed', path: 'spec.selector.app.kubernetes.io/name', after: 'other' },
  },
  {
    what: 'what a route serves',
    edit: patch({ service: 'clocktime', kind: 'httproute', type: 'json' }, [
      { op: 'replace', path: '/spec/rules/0/matches/0/path/value', value: '/elsewhere/' },
    ]),
    told: {
      service: 'clocktime',
      change: 'changed',
      path: 'spec.rules[0].matches[0].path.value',
      after: '/elsewhere/',
    },
  },
  {
    what: 'what a route leads to',
    edit: patch({ service: 'switches', kind: 'httproute', type: 'json' }, [
      { op: 'replace', path: '/spec/rules/0/backendRefs/0/port', value: 81 },
    ]),
    told: {
      service: 'switches',
      change: 'changed',
      path: 'spec.rules[0].backendRefs[0].port',
      before: '80',
      after: '81',
    },
  },
  {
    what: 'a wider network policy',
    edit: patch({ service: 'buttons', kind: 'networkpolicy', type: 'json' }, [
      { op: 'add', path: '/spec/ingress/-', value: {} },
    ]),
    told: { service: 'buttons', change: 'changed', path: 'spec.ingress' },
  },
  {
    what: 'a network policy less',
    edit: remove({ service: 'clocktime', kind: 'networkpolicy' }),
    told: { service: 'clocktime', change: 'deleted' },
    remade: true,
    nameless: true,
  },
  {
    what: 'a quota',
    edit: patch({ service: 'switches', kind: 'resourcequota' }, { spec: { hard: { pods: '99' } } }),
    told: { service: 'switches', change: 'changed', path: 'spec.hard.pods', after: '99' },
  },
  {
    what: 'what a file says',
    edit: remake({ service: 'switches', kind: 'configmap' }, (map) => {
      map.data = Object.fromEntries(Object.keys(map.data as object).map((key) => [key, '[]']))
    }),
    told: { service: 'switches', change: 'changed', path: /^data\.etc-switches-/u, after: '[]' },
    remade: true,
  },
  {
    what: 'the value of a secret',
    edit: remake({ service: 'notes', kind: 'secret' }, (secret) => {
      secret.data = { value: Buffer.from(canary).toString('base64') }
    }),
    told: { service: 'notes', change: 'changed', path: 'data' },
    secret: true,
    remade: true,
  },
  {
    what: 'a label of ours less',
    edit: run({ service: 'clocktime', kind: 'serviceaccount' }, ['label'], 'owner-'),
    told: { service: 'clocktime', change: 'removed', path: 'metadata.labels.owner', before: 'casa' },
    nameless: true,
  },
  {
    what: 'the label less by which it is found',
    edit: run({ service: 'clocktime', kind: 'limitrange' }, ['label'], 'homeslice.dev/home-'),
    told: { service: 'clocktime', change: 'removed', path: 'metadata.labels.homeslice.dev/home', before: 'casa' },
    nameless: true,
  },
  {
    what: 'a Deployment less',
    edit: remove({ service: 'notes', kind: 'deployment' }),
    told: { service: 'notes', change: 'deleted' },
    remade: true,
    nameless: true,
  },
  {
    what: 'the level that pods are held to',
    edit: (house, manager) =>
      house.kubectl(
        'label',
        'namespace',
        'casa-prod-buttons',
        '--overwrite',
        'pod-security.kubernetes.io/enforce=privileged',
        `--field-manager=${manager}`,
      ),
    told: {
      service: 'buttons',
      change: 'changed',
      path: 'metadata.labels.pod-security.kubernetes.io/enforce',
      before: 'restricted',
      after: 'privileged',
    },
  },
  {
    what: 'whom the gateway lets in',
    edit: patch(
      { service: 'switches', kind: 'middleware', name: 'home-only' },
      { spec: { ipAllowList: { sourceRange: ['0.0.0.0/0'] } } },
    ),
    told: { service: 'switches', change: 'changed', path: 'spec.ipAllowList.sourceRange[0]', after: '0.0.0.0/0' },
  },
  {
    what: 'a container of somebody else',
    edit: patch(
      { service: 'device-lamp', kind: 'deployment', type: 'strategic' },
      { spec: { template: { spec: { containers: [{ name: 'spy', image: 'registry.test/spy:1' }] } } } },
    ),
    told: { service: 'device-lamp', change: 'added', path: `${container}[spy]` },
  },
  {
    what: 'a policy under our labels',
    edit: create(() => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'open', namespace: 'casa-prod-clocktime', labels: ourLabels },
      spec: open,
    })),
    told: { service: 'clocktime', change: 'created' },
    remade: true,
  },
  {
    what: 'a restart by hand',
    edit: patch(
      { service: 'tasks', kind: 'deployment' },
      { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } } },
    ),
    told: undefined,
  },
  {
    what: 'what is not ours',
    edit: create(() => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'theirs', namespace: 'casa-prod-buttons', labels: { app: 'theirs' } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ben' }],
    })),
    told: undefined,
  },
]
