import type { IIoK8sApiCoreV1Container as Container } from 'kubernetes-models/v1/Container'
import type { IIoK8sApiCoreV1PodSpec as PodSpec } from 'kubernetes-models/v1/PodSpec'
import type { IIoK8sApiCoreV1Probe as KubeProbe } from 'kubernetes-models/v1/Probe'
import type { Probe, Run, Service } from '@homeslice/config'
import { pathName, selectorOf } from './names.ts'
import { type MountedFile, secretKey, type Variable, type Workload } from './workload.ts'

type ContainerSecurity = NonNullable<Container['securityContext']>

/** How long a pod goes on answering after it was told to end: until every gateway has heard that it leaves. */
const lameDuckSeconds = 5

/** The longest a container may take to end tidily after that. */
const graceSeconds = 15

/** The pod of a workload. `restartPolicy` is `OnFailure` for what runs once, else `Always`. */
export const podSpec = (workload: Workload, restartPolicy: 'Always' | 'OnFailure' = 'Always'): PodSpec => {
  const { service } = workload
  return {
    serviceAccountName: service.name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy,
    terminationGracePeriodSeconds: (workload.ports.length > 0 ? lameDuckSeconds : 0) + graceSeconds,
    nodeSelector: { 'kubernetes.io/os': 'linux', ...service.node },
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    securityContext: podSecurity(service.run),
    ...(service.host?.network === true ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...placement(service),
    ...(workload.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: workload.pullSecret }] }),
    containers: [containerOf(workload)],
    volumes: volumesOf(workload),
  }
}

const podSecurity = ({ user, group }: Run): NonNullable<PodSpec['securityContext']> => ({
  ...identity({ user, group }),
  fsGroup: group,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
})

const identity = ({ user, group }: Pick<Run, 'user' | 'group'>) => ({
  runAsNonRoot: user !== 0,
  runAsUser: user,
  runAsGroup: group,
})

/** Our images are built for these; of others' we only know that nothing else is common. */
const architectures = ['amd64', 'arm64'] as const

/** Nodes that can run the image. Replicas prefer nodes of their own; one small machine takes them all the same. */
const placement = ({ name, replicas = 1 }: Service): Pick<PodSpec, 'affinity' | 'topologySpreadConstraints'> => {
  const labelSelector = { matchLabels: selectorOf(name) }
  const topologyKey = 'kubernetes.io/hostname'
  const values = [...architectures]
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values }] }],
    },
  } satisfies NonNullable<PodSpec['affinity']>['nodeAffinity']
  if (replicas < 2) return { affinity: { nodeAffinity } }
  return {
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }],
    affinity: {
      nodeAffinity,
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey, labelSelector } },
        ],
      },
    },
  }
}

const containerOf = (workload: Workload): Container => {
  const { service, args, files, variables } = workload
  const { cpu, memory, storage } = service.resources
  return {
    name: service.name,
    image: workload.image,
    imagePullPolicy: 'IfNotPresent',
    ...(service.command === undefined ? {} : { command: [...service.command] }),
    ...(args === undefined ? {} : { args: [...args] }),
    env: variables.map(variable),
    ports: portsOf(workload),
    ...probesOf(workload),
    ...(workload.ports.length > 0 ? { lifecycle: { preStop: { sleep: { seconds: lameDuckSeconds } } } } : {}),
    resources: {
      requests: { cpu: cpu.request, memory: memory.request, 'ephemeral-storage': storage.request },
      limits: { cpu: cpu.limit, memory: memory.limit, 'ephemeral-storage': storage.limit },
    },
    securityContext: containerSecurity(service.run),
    volumeMounts: [
      ...files.map(mountOf),
      ...keptPaths(service).map((mountPath) => ({ name: volumeName(mountPath), mountPath })),
      ...scratchPaths(service).map((mountPath) => ({ name: scratchName(mountPath), mountPath })),
      ...(workload.callsApi === true ? [{ name: tokenVolume, mountPath: tokenPath, readOnly: true }] : []),
    ],
  }
}

/** Every port that someone calls, probes among them: a port that is probed and not declared looks like a slip. */
const portsOf = ({ ports, service: { metricsPort, probes, schedule } }: Workload): NonNullable<Container['ports']> => {
  const asked = schedule === undefined ? Object.values(probes).flatMap(({ check }) => portOf(check)) : []
  const named = [
    ...asked.map((port) => [port, `probe-${port}`] as const),
    ...(metricsPort === undefined ? [] : [[metricsPort, 'metrics'] as const]),
    ...ports.map(({ name, target }) => [target, name] as const),
  ]
  return [...new Map(named)].toSorted(([a], [b]) => a - b).map(([containerPort, name]) => ({ name, containerPort }))
}

const portOf = (check: Probe['check']): number[] => {
  if ('http' in check) return [check.port]
  return 'tcp' in check ? [check.tcp] : []
}

const variable = (one: Variable): NonNullable<Container['env']>[number] =>
  'value' in one
    ? { name: one.name, value: one.value }
    : { name: one.name, valueFrom: { secretKeyRef: { name: one.secret, key: secretKey } } }

/** Even images that need the usual capabilities need no forged packets. */
const capabilities: Readonly<Record<Run['level'], Pick<ContainerSecurity, 'capabilities'>>> = {
  restricted: { capabilities: { drop: ['ALL'] } },
  baseline: { capabilities: { drop: ['NET_RAW'] } },
  privileged: {},
}

/** `baseline` is for images that write to their root or need the usual capabilities; `privileged` for hardware. */
const containerSecurity = ({ user, group, level }: Run): ContainerSecurity => ({
  ...identity({ user, group }),
  privileged: level === 'privileged',
  allowPrivilegeEscalation: level === 'privileged',
  readOnlyRootFilesystem: level === 'restricted',
  ...capabilities[level],
  seccompProfile: { type: 'RuntimeDefault' },
})

const probesOf = ({ service: { probes, schedule } }: Workload): Partial<Container> =>
  schedule === undefined
    ? {
        ...(probes.startup && { startupProbe: probeOf(probes.startup) }),
        ...(probes.readiness && { readinessProbe: probeOf(probes.readiness) }),
        ...(probes.liveness && { livenessProbe: probeOf(probes.liveness) }),
      }
    : {}

const probeOf = ({ check, periodSeconds, timeoutSeconds, failureThreshold }: Probe): KubeProbe => {
  const timing = { periodSeconds, timeoutSeconds, failureThreshold }
  if ('http' in check) return { ...timing, httpGet: { path: check.http, port: check.port, scheme: 'HTTP' } }
  return 'tcp' in check
    ? { ...timing, tcpSocket: { port: check.tcp } }
    : { ...timing, exec: { command: [...check.command] } }
}

type Mount = NonNullable<Container['volumeMounts']>[number]
type Volume = NonNullable<PodSpec['volumes']>[number]

const fileVolume = (file: MountedFile): string => `file-${'config' in file ? 'config' : file.secret}`

const mountOf = (file: MountedFile): Mount => ({
  name: fileVolume(file),
  mountPath: file.path,
  subPath: file.key,
  readOnly: true,
})

/** The claim and the volume of a path that stays. */
export const volumeName = (path: string): string => `data-${pathName(path)}`

/** In an order of their own: one home in two orders of its keys is one home. */
const keptPaths = ({ data, host }: Service): string[] =>
  [data, host?.folders ?? {}].flatMap((mounts) => Object.keys(mounts)).toSorted()

const scratchName = (path: string): string => `scratch-${pathName(path)}`

/** `/tmp` is always writable: too many programs take it for granted. */
const scratchPaths = (service: Service): string[] => {
  const taken = [...keptPaths(service), ...Object.keys(service.files)]
  return [...new Set(['/tmp', ...service.run.writable])].filter((path) => !taken.includes(path))
}

const tokenVolume = 'token'
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** A token for an hour, and the authority of the API server: named here, and mounted by no default. */
const token: Volume = {
  name: tokenVolume,
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
  },
}

const volumesOf = ({ files, service, callsApi }: Workload): Volume[] => {
  const fromFiles = files.map((file): Volume => ({
    name: fileVolume(file),
    ...('config' in file
      ? { configMap: { name: file.config } }
      : { secret: { secretName: file.secret, defaultMode: 0o440 } }),
  }))
  return [
    ...new Map(fromFiles.map((volume) => [volume.name, volume])).values(),
    ...keptPaths(service).map((path) => ({
      name: volumeName(path),
      persistentVolumeClaim: { claimName: volumeName(path) },
    })),
    ...scratchPaths(service).map((path) => ({
      name: scratchName(path),
      emptyDir: { sizeLimit: service.resources.storage.limit },
    })),
    ...(callsApi === true ? [token] : []),
  ]
}
