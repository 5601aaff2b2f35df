import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { homes, parsed, slowly } from './homes.testing.ts'
import { homeWith, type Loose, type Pod, podsOf, renderSample } from './samples.testing.ts'

type Check = readonly [what: string, holds: (spec: Loose, container: Loose) => boolean]

const volumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]
const usualCapabilities = ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD']

/** Pod Security `baseline`, written again from its documentation. */
const baseline: readonly Check[] = [
  ['host namespaces', (spec) => !spec.hostNetwork && !spec.hostPID && !spec.hostIPC],
  ['host paths', (spec) => spec.volumes.every(({ hostPath }: Loose) => !hostPath)],
  ['host ports', (_, { ports }) => ports.every(({ hostPort }: Loose) => !hostPort)],
  ['privileged', (_, { securityContext }) => !securityContext.privileged],
  [
    'added capabilities',
    (_, { securityContext: { capabilities } }) =>
      (capabilities?.add ?? []).every((one: string) => usualCapabilities.includes(one)),
  ],
  [
    'unconfined',
    (spec, { securityContext }) =>
      [spec.securityContext, securityContext].every(({ seccompProfile }) => seccompProfile?.type !== 'Unconfined'),
  ],
  ['sysctls', (spec) => (spec.securityContext.sysctls ?? []).length === 0],
  [
    'hosts in probes',
    (_, { startupProbe, readinessProbe, livenessProbe }) =>
      [startupProbe, readinessProbe, livenessProbe].every((one) => !one?.httpGet?.host && !one?.tcpSocket?.host),
  ],
]

/** What `restricted` adds to it. */
const restricted: readonly Check[] = [
  ...baseline,
  [
    'kinds of volumes',
    (spec) =>
      spec.volumes.every((one: Loose) => Object.keys(one).every((key) => key === 'name' || volumes.includes(key))),
  ],
  ['escalation', (_, { securityContext }) => securityContext.allowPrivilegeEscalation === false],
  [
    'all capabilities dropped',
    (_, { securityContext }) => securityContext.capabilities?.drop?.includes('ALL') === true,
  ],
  [
    'not root',
    (spec, { securityContext }) => securityContext.runAsNonRoot === true && spec.securityContext.runAsNonRoot,
  ],
  ['no user 0', (spec, { securityContext }) => securityContext.runAsUser > 0 && spec.securityContext.runAsUser > 0],
  [
    'seccomp',
    (spec, { securityContext }) =>
      (securityContext.seccompProfile ?? spec.securityContext.seccompProfile)?.type === 'RuntimeDefault',
  ],
]

const levels: Readonly<Record<string, readonly Check[]>> = { restricted, baseline, privileged: [] }

/** What every pod of ours has besides, whatever its level. */
const always: readonly Check[] = [
  ['no token', (spec) => spec.automountServiceAccountToken === false && spec.enableServiceLinks === false],
  [
    'requests and limits',
    (_, { resources }) =>
      ['cpu', 'memory', 'ephemeral-storage'].every((one) => resources.requests[one] && resources.limits[one]),
  ],
  [
    'one identity at pod and container',
    ({ securityContext }, container) =>
      ['runAsUser', 'runAsGroup', 'runAsNonRoot'].every(
        (key) => securityContext[key] === container.securityContext[key],
      ),
  ],
  [
    'files for its group',
    ({ securityContext: { fsGroup, runAsGroup, fsGroupChangePolicy } }) =>
      fsGroup === runAsGroup && fsGroupChangePolicy === 'OnRootMismatch',
  ],
  ['scratch space has an end', (spec) => spec.volumes.every(({ emptyDir }: Loose) => !emptyDir || emptyDir.sizeLimit)],
  ['somewhere to write', (_, { volumeMounts }) => volumeMounts.some(({ mountPath }: Loose) => mountPath === '/tmp')],
  ['images are kept', (_, { imagePullPolicy }) => imagePullPolicy === 'IfNotPresent'],
  [
    'few questions to DNS',
    (spec) => spec.dnsConfig.options.some(({ name, value }: Loose) => name === 'ndots' && value === '2'),
  ],
  [
    'a known kind of node',
    (spec) => spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.length === 1,
  ],
  [
    'time to end after the last request',
    ({ terminationGracePeriodSeconds }, { lifecycle }) =>
      terminationGracePeriodSeconds > (lifecycle?.preStop.sleep.seconds ?? 0),
  ],
]

const broken = (checks: readonly Check[], { spec }: Pod): string[] =>
  spec.containers.flatMap((container: Loose) =>
    checks.filter(([, holds]) => !holds(spec, container)).map(([what]) => what),
  )

const only = (service: object): Pod => {
  const [pod] = podsOf(renderSample(homeWith({ one: { image: 'registry.test/x:1', ...service } })).objects)
  if (pod === undefined) throw new Error('no pod')
  return pod
}

describe('pods keep to Pod Security', () => {
  test.prop([homes])(
    'at the level of their namespace, which is restricted unless the home says why not',
    (home) => {
      const made = parsed(home)
      const { objects } = renderSample(made)
      for (const pod of podsOf(objects)) {
        const { namespace, labels } = pod.object.metadata
        const found = objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)
        const level = found?.metadata.labels?.['pod-security.kubernetes.io/enforce'] ?? ''
        const { run, host } = made.environments.prod?.services[labels?.['homeslice.dev/service'] ?? ''] ?? {}
        expect(level).toBe(host?.network ? 'privileged' : (run?.level ?? 'restricted'))
        expect(broken([...(levels[level] ?? [['no such level', () => false]]), ...always], pod)).toEqual([])
      }
    },
    slowly,
  )

  it('from a root that they cannot write, unless the level is lowered', () => {
    const readOnly = (run: object): boolean => only({ run }).spec.containers[0].securityContext.readOnlyRootFilesystem
    expect(readOnly({})).toBe(true)
    expect(readOnly({ level: 'baseline', because: 'test' })).toBe(false)
  })

  it.each([
    ['host namespaces', { host: { network: true, because: 'test' } }],
    ['privileged', { run: { level: 'privileged', because: 'test' } }],
    ['all capabilities dropped', { run: { level: 'baseline', because: 'test' } }],
    ['no user 0', { run: { level: 'baseline', user: 0, because: 'test' } }],
  ])('and the check sees %s', (what, service) => {
    expect(broken(restricted, only(service))).toContain(what)
  })

  it('drops the right to forge packets even at baseline', () => {
    const { securityContext } = only({ run: { level: 'baseline', because: 'test' } }).spec.containers[0]
    expect(securityContext.capabilities).toEqual({ drop: ['NET_RAW'] })
  })
})

describe('pods behind a Service', () => {
  it('go on answering for 5 s after they were told to end, and only those', () => {
    const sleep = { preStop: { sleep: { seconds: 5 } } }
    expect(only({ port: 8080 }).spec.containers[0].lifecycle).toEqual(sleep)
    expect(only({ port: 8080 }).spec.terminationGracePeriodSeconds).toBe(20)
    expect(only({}).spec.containers[0].lifecycle).toBeUndefined()
    expect(only({}).spec.terminationGracePeriodSeconds).toBe(15)
  })

  it('have probes of different paths where they are ours', () => {
    const { objects } = renderSample(homeWith({ clocktime: { use: 'clocktime' } }))
    const [container] = podsOf(objects)[0]?.spec.containers ?? []
    expect(container.startupProbe.httpGet).toEqual({ path: '/readyz', port: 9000, scheme: 'HTTP' })
    expect(container.readinessProbe.httpGet.path).toBe('/readyz')
    expect(container.livenessProbe.httpGet.path).toBe('/healthz')
  })
})

describe('where pods run', () => {
  it.each([
    [{ data: { '/data': '1Gi' } }, 'Recreate'],
    [{ host: { network: true, because: 'test' } }, 'Recreate'],
    [{}, 'RollingUpdate'],
  ])('%j is brought to its next version by %s', (service, type) => {
    expect((only(service).object.spec as Loose).strategy.type).toBe(type)
  })

  it('spreads replicas over nodes, and takes them one at a time from a drained one', () => {
    const { objects } = renderSample(homeWith({ one: { image: 'registry.test/x:1', replicas: 2 } }))
    const [pod] = podsOf(objects)
    expect(pod?.spec.topologySpreadConstraints).toHaveLength(1)
    expect(pod?.spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution).toHaveLength(1)
    const [budget]: Loose[] = objects.filter(({ kind }) => kind === 'PodDisruptionBudget')
    expect(budget.spec).toMatchObject({ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' })
    expect(only({ replicas: 1 }).spec.topologySpreadConstraints).toBeUndefined()
  })

  it('says how many replicas only where the home does', () => {
    expect(only({}).object.spec).not.toHaveProperty('replicas')
    expect(only({ replicas: 0 }).object.spec).toHaveProperty('replicas', 0)
  })

  it.each([
    [{}, ['/tmp']],
    [{ run: { writable: ['/tmp', '/cache'] } }, ['/tmp', '/cache']],
    [{ data: { '/tmp': '1Gi' } }, []],
    [{ files: { '/tmp': 'a file' } }, []],
    [{ files: { '/tmp/conf': 'a file' } }, ['/tmp']],
    [{ host: { folders: { '/tmp': '/srv/tmp' }, because: 'test' } }, []],
  ])('gives %j scratch space at %j', (service, paths) => {
    const { volumeMounts } = only(service).spec.containers[0]
    expect(
      volumeMounts.filter(({ name }: Loose) => name.startsWith('scratch-')).map((one: Loose) => one.mountPath),
    ).toEqual(paths)
  })
})
