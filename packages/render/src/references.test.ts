import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { homes, parsed, slowly } from './homes.testing.ts'
import type { KubeObject } from './object.ts'
import { homeAt, type Loose, matches, type Pod, podsOf, renderSample } from './samples.testing.ts'

type Reference = { readonly kind: string; readonly namespace?: string | undefined; readonly name: string }

/** What a pod names, in its own namespace. */
const ofPod = ({ object, spec }: Pod): Reference[] => {
  const { namespace } = object.metadata
  const volumes = spec.volumes.flatMap((volume: Loose) => [
    ...(volume.configMap ? [{ kind: 'ConfigMap', name: volume.configMap.name }] : []),
    ...(volume.secret ? [{ kind: 'Secret', name: volume.secret.secretName }] : []),
    ...(volume.persistentVolumeClaim
      ? [{ kind: 'PersistentVolumeClaim', name: volume.persistentVolumeClaim.claimName }]
      : []),
  ])
  const variables = spec.containers.flatMap(({ env }: Loose) =>
    env.flatMap(({ valueFrom }: Loose) => (valueFrom ? [{ kind: 'Secret', name: valueFrom.secretKeyRef.name }] : [])),
  )
  const logins = (spec.imagePullSecrets ?? []).map(({ name }: Loose) => ({ kind: 'Secret', name }))
  return [{ kind: 'ServiceAccount', name: spec.serviceAccountName }, ...volumes, ...variables, ...logins].map(
    (one) => ({ ...one, namespace }),
  )
}

/** What a route names. */
const ofRoute = ({ metadata: { namespace }, spec }: KubeObject): Reference[] =>
  (spec as Loose).rules.flatMap(({ backendRefs = [], filters = [] }: Loose) => [
    ...backendRefs.map(({ name }: Loose) => ({ kind: 'Service', namespace, name })),
    ...filters.flatMap(({ extensionRef }: Loose) =>
      extensionRef ? [{ kind: extensionRef.kind, namespace, name: extensionRef.name }] : [],
    ),
  ])

const missingIn = (objects: readonly KubeObject[]): Reference[] => {
  const namespaces = objects.flatMap(({ metadata: { namespace } }): Reference[] =>
    namespace === undefined ? [] : [{ kind: 'Namespace', name: namespace }],
  )
  const claims = objects
    .filter(({ kind, spec }) => kind === 'PersistentVolumeClaim' && (spec as Loose).volumeName !== undefined)
    .map(({ spec }): Reference => ({ kind: 'PersistentVolume', name: (spec as Loose).volumeName }))
  const routes = objects.filter(({ kind }) => kind === 'HTTPRoute').flatMap(ofRoute)
  return [...namespaces, ...claims, ...routes, ...podsOf(objects).flatMap(ofPod)].filter(
    ({ kind, namespace, name }) =>
      !objects.some((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name),
  )
}

/** Selectors that find no pod, and ports that lead nowhere. */
const danglingIn = (objects: readonly KubeObject[]): string[] => {
  const pods = podsOf(objects)
  return objects.flatMap(({ kind, metadata, spec }) => {
    const { selector, podSelector, ports = [] } = (spec ?? {}) as Loose
    const asked = kind === 'Service' ? { matchLabels: selector } : (podSelector ?? selector)
    if (!['Service', 'NetworkPolicy', 'PodDisruptionBudget', 'Deployment'].includes(kind)) return []
    if (Object.keys(asked).length === 0) return []
    const found = pods.filter(({ object, labels }) => {
      return object.metadata.namespace === metadata.namespace && matches(asked, labels)
    })
    const open = found.flatMap(({ spec: { containers } }) => containers.flatMap((one: Loose) => one.ports))
    const lost = kind === 'Service' ? ports.filter((port: Loose) => !leads(open, port)) : []
    // Jobs beside a server are pods of its name too, and no Service may lead to them.
    const right = kind === 'Service' ? found.length === 1 : found.length > 0
    return right && lost.length === 0 ? [] : [`${kind} ${metadata.namespace}/${metadata.name}`]
  })
}

const leads = (open: readonly Loose[], { targetPort }: Loose): boolean =>
  open.some(({ containerPort }) => containerPort === targetPort)

/** Names of the cluster that programs are given, wherever: a Service has to be there, with the port that is called. */
const lostHostsIn = (objects: readonly KubeObject[]): string[] => {
  const services: Loose[] = objects.filter(({ kind }) => kind === 'Service')
  const text = JSON.stringify(objects.filter(({ kind }) => ['Deployment', 'CronJob', 'ConfigMap'].includes(kind)))
  const address = /(https?:\/\/)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local(?::(\d+))?/gu
  return [...text.matchAll(address)].flatMap(([whole, scheme, name, namespace, written]) => {
    const port = written ?? (scheme === undefined ? undefined : '80')
    const service = services.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
    const open: unknown[] = service?.spec.ports.map((one: Loose) => String(one.port)) ?? []
    return service !== undefined && (port === undefined || open.includes(port)) ? [] : [whole]
  })
}

/** Mounts without a volume, paths mounted twice, probes of ports that are not declared. */
const looseEndsOf = ({ object, spec }: Pod): string[] => {
  const [container] = spec.containers
  const volumes = spec.volumes.map(({ name }: Loose) => name)
  const paths = container.volumeMounts.map(({ mountPath }: Loose) => mountPath)
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe].filter(Boolean)
  const asked = probes.flatMap((probe: Loose) => [probe.httpGet?.port, probe.tcpSocket?.port].filter(Boolean))
  const wrong = [
    ...container.volumeMounts.filter(({ name }: Loose) => !volumes.includes(name)),
    ...volumes.filter((name: string) => !container.volumeMounts.some((mount: Loose) => mount.name === name)),
    ...(new Set(volumes).size === volumes.length ? [] : ['a volume twice']),
    ...(new Set(paths).size === paths.length ? [] : ['a path twice']),
    ...asked.filter((port: number) => !leads(container.ports, { targetPort: port })),
  ]
  return wrong.map((one) => `${object.metadata.name}: ${JSON.stringify(one)}`)
}

describe('every reference resolves', () => {
  test.prop([homes, fc.constantFrom('prod', 'dev')])(
    'in any valid home',
    (home, env) => {
      const { objects } = renderSample(parsed(home), env)
      expect(missingIn(objects)).toEqual([])
      expect(danglingIn(objects)).toEqual([])
      expect(podsOf(objects).flatMap(looseEndsOf)).toEqual([])
      expect(lostHostsIn(objects)).toEqual([])
    },
    slowly,
  )

  it.each([
    'ServiceAccount',
    'ConfigMap',
    'Secret',
    'PersistentVolumeClaim',
    'PersistentVolume',
    'Service',
    'Middleware',
  ])('and a lost %s is seen', (kind) => {
    const { objects } = renderSample(homeAt('packages/config/fixtures/accept/everything.yaml'))
    expect(missingIn(objects.filter((one) => one.kind !== kind)).map((one) => one.kind)).toContain(kind)
  })

  it('and a lost simulator of a cloud is seen', () => {
    const { objects } = renderSample(homeAt('packages/config/fixtures/accept/everything.yaml'), 'staging')
    expect(lostHostsIn(objects)).toEqual([])
    const host = 'cloud-git.casa-staging-cloud-git.svc.cluster.local'
    const without = objects.filter(({ kind, metadata }) => kind !== 'Service' || metadata.name !== 'cloud-git')
    expect(new Set(lostHostsIn(without))).toEqual(new Set([`${host}:2222`]))
  })

  it('and a lost pod is seen', () => {
    const { objects } = renderSample(homeAt('home/example.yaml'))
    expect(danglingIn(objects.filter(({ kind }) => kind !== 'Deployment'))).toContain(
      'Service casa-prod-buttons/buttons',
    )
  })
})
