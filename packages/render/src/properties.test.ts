import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { type Home, parseHome } from '@homeslice/config'
import { identityOf, type KubeObject } from './object.ts'
import { homeAt, renderSample } from './samples.testing.ts'
import { toYaml } from './yaml.ts'

type Any = Record<string, any> // oxlint-disable-line typescript/no-explicit-any -- objects are walked as the JSON they are

const names = ['alpha', 'beta', 'gamma', 'delta'] as const

/** A random valid home: services of both sorts with random edges, volumes, routes and secrets. */
const homes: fc.Arbitrary<Any> = fc
  .record({
    devices: fc.dictionary(
      fc.constantFrom('lamp', 'porch'),
      fc.record({ kind: fc.constantFrom('kasa', 'wemo'), simulate: fc.boolean() }),
    ),
    services: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        ours: fc.boolean(),
        needs: fc.uniqueArray(fc.constantFrom(...names)),
        replicas: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
        data: fc.boolean(),
        secret: fc.boolean(),
        scheduled: fc.boolean(),
        who: fc.constantFrom('home', 'person', 'everyone', undefined),
        egress: fc.constantFrom('none', 'internet', ['192.0.2.0/24:443']),
        host: fc.boolean(),
      }),
      { selector: ({ name }) => name, minLength: 1 },
    ),
  })
  .map(({ devices, services }) => ({
    version: 1,
    home: { name: 'casa', timezone: 'UTC', domain: 'casa.test' },
    environments: { prod: {}, dev: {} },
    devices: Object.fromEntries(
      Object.entries(devices).map(([name, device], index) => [name, { ...device, address: `192.0.2.${index + 1}` }]),
    ),
    services: Object.fromEntries(services.map((one) => [one.name, serviceFrom(one, services, Object.keys(devices))])),
  }))

const serviceFrom = (one: Any, all: readonly Any[], devices: readonly string[]): Any => {
  const needs = one.needs.filter((need: string) => need !== one.name && all.some(({ name }) => name === need))
  if (one.ours)
    return { use: 'switches', needs, devices, routes: one.who === 'home' ? [{ paths: [`/${one.name}`] }] : [] }
  const common = {
    image: 'registry.test/x:1',
    needs,
    egress: one.egress,
    ...(one.data ? { data: { '/data': '1Gi' } } : {}),
    ...(one.secret
      ? { env: { TOKEN: { secret: 'token' } }, files: { '/etc/key': { secret: 'key' }, '/etc/conf': 'a' } }
      : {}),
    ...(one.host ? { host: { folders: { '/in': '/srv/in' }, because: 'test' } } : {}),
  }
  if (one.scheduled) return { ...common, schedule: '0 4 * * *' }
  const route = one.who === undefined ? {} : { routes: [{ paths: [`/${one.name}`], who: one.who, because: 'test' }] }
  return {
    ...common,
    port: 8080,
    ...route,
    ...(one.data || one.replicas === undefined ? {} : { replicas: one.replicas }),
  }
}

const parsed = (home: Any): Home => {
  const read = parseHome(JSON.stringify(home))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.home
}

const podsOf = (objects: readonly KubeObject[]): { object: KubeObject; template: Any }[] =>
  objects.flatMap((object) => {
    const spec = object.spec as Any
    if (object.kind === 'Deployment') return [{ object, template: spec.template }]
    return object.kind === 'CronJob' ? [{ object, template: spec.jobTemplate.spec.template }] : []
  })

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, shuffled(one)]),
  )
}

describe('any valid home', () => {
  test.prop([homes])('renders the same bytes in another key order', (home) => {
    const text = toYaml(renderSample(parsed(home)).objects)
    expect(toYaml(renderSample(parsed(shuffled(home) as Any)).objects)).toBe(text)
  })

  test.prop([homes, fc.constantFrom('prod', 'dev')])(
    'has no two objects of one identity, and every reference resolves',
    (home, env) => {
      const { objects } = renderSample(parsed(home), env)
      const identities = new Set(objects.map(identityOf))
      expect(identities.size).toBe(objects.length)
      const there = (kind: string, namespace: string | undefined, name: string): boolean =>
        objects.some((one) => one.kind === kind && one.metadata.namespace === namespace && one.metadata.name === name)
      const missing: string[] = []
      const need = (kind: string, namespace: string | undefined, name: string): void => {
        if (!there(kind, namespace, name)) missing.push(`${kind} ${namespace}/${name}`)
      }
      for (const { metadata } of objects)
        if (metadata.namespace !== undefined) need('Namespace', undefined, metadata.namespace)
      for (const { object, template } of podsOf(objects)) {
        const { namespace } = object.metadata
        need('ServiceAccount', namespace, template.spec.serviceAccountName)
        for (const volume of template.spec.volumes) {
          if (volume.configMap) need('ConfigMap', namespace, volume.configMap.name)
          if (volume.secret) need('Secret', namespace, volume.secret.secretName)
          if (volume.persistentVolumeClaim)
            need('PersistentVolumeClaim', namespace, volume.persistentVolumeClaim.claimName)
        }
        const volumes = new Set(template.spec.volumes.map(({ name }: Any) => name))
        for (const container of template.spec.containers) {
          expect(container.volumeMounts.filter(({ name }: Any) => !volumes.has(name))).toEqual([])
          for (const { valueFrom } of container.env)
            if (valueFrom) need('Secret', namespace, valueFrom.secretKeyRef.name)
        }
      }
      for (const { kind, metadata, spec } of objects) {
        if (kind === 'HTTPRoute') {
          for (const rule of (spec as Any).rules) {
            for (const { name } of rule.backendRefs ?? []) need('Service', metadata.namespace, name)
            for (const filter of rule.filters ?? [])
              if (filter.extensionRef) need('Middleware', metadata.namespace, filter.extensionRef.name)
          }
        }
        if (kind === 'Service') {
          const found = podsOf(objects).filter(({ object }) => object.metadata.namespace === metadata.namespace)
          expect(found.some(({ template }) => matches((spec as Any).selector, template.metadata.labels))).toBe(true)
        }
      }
      expect(missing).toEqual([])
    },
  )

  test.prop([homes])('meets Pod Security restricted', (home) => {
    for (const { template } of podsOf(renderSample(parsed(home)).objects)) expect(violations(template.spec)).toEqual([])
  })

  test.prop([homes])('lets pods reach what is declared and nothing else', (home) => {
    const made = parsed(home)
    const { objects } = renderSample(made)
    const services = Object.values(made.environments.prod?.services ?? {})
    for (const from of services) {
      for (const to of services) {
        if (from === to || to.port === undefined || to.schedule !== undefined) continue
        expect([from.name, to.name, reaches(objects, from.name, to.name, to.port)]).toEqual([
          from.name,
          to.name,
          from.needs.includes(to.name),
        ])
      }
    }
  })
})

/** The rules of Pod Security `restricted`, written again from its documentation. */
const violations = (spec: Any): string[] => {
  const found: string[] = []
  const wants = (holds: boolean, what: string): void => void (holds || found.push(what))
  wants(!spec.hostNetwork && !spec.hostPID && !spec.hostIPC, 'host namespaces')
  const allowed = [
    'configMap',
    'secret',
    'emptyDir',
    'persistentVolumeClaim',
    'projected',
    'downwardAPI',
    'csi',
    'ephemeral',
  ]
  for (const volume of spec.volumes)
    wants(
      Object.keys(volume).every((key) => key === 'name' || allowed.includes(key)),
      `volume ${volume.name}`,
    )
  for (const { securityContext: own, ports } of spec.containers) {
    wants(own.allowPrivilegeEscalation === false, 'escalation')
    wants(own.privileged === false, 'privileged')
    wants(own.capabilities.drop.includes('ALL') && !own.capabilities.add, 'capabilities')
    wants((own.runAsNonRoot ?? spec.securityContext.runAsNonRoot) === true, 'root')
    wants(own.runAsUser !== 0 && spec.securityContext.runAsUser !== 0, 'user 0')
    wants((own.seccompProfile ?? spec.securityContext.seccompProfile).type === 'RuntimeDefault', 'seccomp')
    wants(own.readOnlyRootFilesystem === true, 'writable root')
    for (const { hostPort } of ports) wants(hostPort === undefined, 'host port')
  }
  return found
}

const matches = (selector: Any, labels: Any): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value)

/** Whether policy lets one service's pods open a connection to another's: both sides must agree. */
const reaches = (objects: readonly KubeObject[], from: string, to: string, port: number): boolean => {
  const namespace = (service: string): string => `casa-prod-${service}`
  const labels = (service: string): Any => ({ 'app.kubernetes.io/name': service })
  const policies = (service: string): Any[] =>
    objects
      .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === namespace(service))
      .map(({ spec }) => spec as Any)
      .filter(({ podSelector }) => matches(podSelector.matchLabels ?? {}, labels(service)))
  const peer = (one: Any, service: string): boolean =>
    !one.ipBlock &&
    matches(one.namespaceSelector?.matchLabels ?? {}, { 'kubernetes.io/metadata.name': namespace(service) }) &&
    matches(one.podSelector?.matchLabels ?? {}, labels(service))
  const opens = (rule: Any, side: 'to' | 'from', service: string): boolean =>
    (!rule.ports ||
      rule.ports.some((one: Any) => one.protocol === 'TCP' && one.port <= port && port <= (one.endPort ?? one.port))) &&
    (!rule[side] || rule[side].some((one: Any) => peer(one, service)))
  const out = policies(from).flatMap(({ egress = [] }) => egress)
  const into = policies(to).flatMap(({ ingress = [] }) => ingress)
  return out.some((rule) => opens(rule, 'to', to)) && into.some((rule) => opens(rule, 'from', from))
}

describe('the home with everything', () => {
  it('opens exactly the ports of its devices', () => {
    const { edges } = renderSample(homeAt('packages/config/fixtures/accept/everything.yaml'))
    expect(edges.filter(({ kind }) => kind === 'address')).toEqual([
      { kind: 'address', from: 'notes', cidr: '192.0.2.0/24', ports: [{ first: 445, last: 445 }] },
      { kind: 'address', from: 'notes', cidr: '2001:db8::/32', ports: [{ first: 443, last: 443 }] },
      { kind: 'address', from: 'switches', cidr: '192.0.2.20/32', ports: [{ first: 9999, last: 9999 }] },
      { kind: 'address', from: 'switches', cidr: '2001:db8::1/128', ports: [{ first: 49_151, last: 49_155 }] },
    ])
  })
})
