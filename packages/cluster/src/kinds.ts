import type { KubeObject } from '@homeslice/render'

/** When a kind is applied: what others stand on comes first. */
export const waves = ['namespaces', 'ground', 'workloads', 'routes'] as const

/** One wave. */
export type Wave = (typeof waves)[number]

/** How the API server addresses a kind. */
export type Kind = {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly wave: Wave
}

const kind = (apiVersion: string, name: string, wave: Wave, plural = `${name.toLowerCase()}s`): Kind => ({
  apiVersion,
  kind: name,
  plural,
  namespaced: !/^(Namespace|PersistentVolume|ClusterRole.*|StorageClass|ValidatingAdmissionPolicy.*)$/u.test(name),
  wave,
})

/** Every kind that we apply. */
export const kinds: readonly Kind[] = [
  kind('v1', 'Namespace', 'namespaces'),
  kind('v1', 'ServiceAccount', 'ground'),
  kind('v1', 'ResourceQuota', 'ground'),
  kind('v1', 'LimitRange', 'ground'),
  kind('networking.k8s.io/v1', 'NetworkPolicy', 'ground', 'networkpolicies'),
  kind('v1', 'Secret', 'ground'),
  kind('v1', 'ConfigMap', 'ground'),
  kind('v1', 'PersistentVolume', 'ground'),
  kind('v1', 'PersistentVolumeClaim', 'ground'),
  kind('traefik.io/v1alpha1', 'Middleware', 'ground'),
  kind('rbac.authorization.k8s.io/v1', 'ClusterRole', 'ground'),
  kind('rbac.authorization.k8s.io/v1', 'Role', 'ground'),
  // A role is there before somebody gets it.
  kind('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'workloads'),
  kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'workloads'),
  kind('policy/v1', 'PodDisruptionBudget', 'workloads'),
  // The server gives out their addresses one at a time: among all the rest of the ground nobody waits for that.
  kind('v1', 'Service', 'ground'),
  kind('apps/v1', 'Deployment', 'workloads'),
  kind('batch/v1', 'CronJob', 'workloads'),
  kind('gateway.networking.k8s.io/v1', 'HTTPRoute', 'routes'),
]

/** What we write for ourselves; no service has one. */
const books: readonly Kind[] = [
  kind('coordination.k8s.io/v1', 'Lease', 'ground'),
  kind('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'ground', 'validatingadmissionpolicies'),
  kind('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'ground'),
]

/** What belongs to the cluster and is only looked at. */
const theirs: readonly Kind[] = [
  kind('v1', 'Pod', 'workloads'),
  kind('gateway.networking.k8s.io/v1', 'Gateway', 'routes'),
  kind('storage.k8s.io/v1', 'StorageClass', 'ground', 'storageclasses'),
  kind('helm.cattle.io/v1', 'HelmChart', 'ground'),
]

/** The kind of an object. Throws for one that we never render: a bug. */
export const kindOf = ({ apiVersion, kind: name }: Pick<KubeObject, 'apiVersion' | 'kind'>): Kind => {
  const found = [...kinds, ...books, ...theirs].find((one) => one.kind === name && one.apiVersion === apiVersion)
  if (found === undefined) throw new Error(`no kind ${apiVersion} ${name} is known to the cluster package`)
  return found
}

const root = ({ apiVersion }: Kind): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

/** The path of a kind across all namespaces, or in one. */
export const pathOfKind = (one: Kind, namespace?: string): string =>
  `${root(one)}${one.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : ''}/${one.plural}`

/** The path of an object. */
export const pathOf = (object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string =>
  `${pathOfKind(kindOf(object), object.metadata.namespace)}/${object.metadata.name}`

/** The API group of a kind; empty for the core group. */
export const groupOf = ({ apiVersion }: Pick<Kind, 'apiVersion'>): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''

/** Whether a kind gives rights in the cluster. */
export const isRight = (one: Pick<Kind, 'apiVersion'>): boolean => groupOf(one) === 'rbac.authorization.k8s.io'

/** A kind as KEP-3659 writes it: `Deployment.apps`, `ConfigMap`. */
export const groupKind = (one: Pick<KubeObject, 'apiVersion' | 'kind'>): string =>
  [one.kind, groupOf(one)].filter((part) => part !== '').join('.')
