import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole'
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding'
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { labelsOf } from '../names.ts'
import { type KubeObject, object } from '../object.ts'
import type { Workload } from '../workload.ts'
import { seenName } from './seen.ts'

const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`

/** Where versions are recorded. Nothing secret lies there: records name secrets, and hold none. */
const records = 'homeslice-system'

/**
 * The kinds that the keeper compares, by their API group. No Secrets: a right to list them by their metadata is a right
 * to their values, so only `status --drift` looks at those.
 */
const compared: Readonly<Record<string, readonly string[]>> = {
  '': [
    'configmaps',
    'limitranges',
    'namespaces',
    'persistentvolumeclaims',
    'persistentvolumes',
    'resourcequotas',
    'serviceaccounts',
    'services',
  ],
  apps: ['deployments'],
  batch: ['cronjobs'],
  'gateway.networking.k8s.io': ['httproutes'],
  'networking.k8s.io': ['networkpolicies'],
  policy: ['poddisruptionbudgets'],
  [group]: ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles'],
  'traefik.io': ['middlewares'],
}

/**
 * What the keeper may do: look at those kinds, across the cluster, since one list per kind is all that a small machine
 * should bear every few seconds; read the records of versions; and write what it saw.
 */
export const rightsObjects = ({ owner, namespace, service }: Workload): KubeObject[] => {
  // Names of the whole cluster, and of a namespace that all homes on it share.
  const name = namespace
  const labels = (of: string) => labelsOf(owner, of, 'keeper')
  const subjects = [{ kind: 'ServiceAccount', name: service.name, namespace }]
  const bind = (kind: string, role: string) => ({ roleRef: { apiGroup: group, kind, name: role }, subjects })
  const inRecords = { name, namespace: records, labels: labels(name) }
  const inOwn = { name: seenName, namespace, labels: labels(seenName) }
  return [
    object<IClusterRole>({
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name, labels: labels(name) },
      rules: Object.entries(compared).map(([one, resources]) => ({
        apiGroups: [one],
        resources: [...resources],
        verbs: ['get', 'list'],
      })),
    }),
    object<IClusterRoleBinding>({
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels: labels(name) },
      ...bind('ClusterRole', name),
    }),
    object<IRole>({
      apiVersion,
      kind: 'Role',
      metadata: inRecords,
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
    }),
    object<IRoleBinding>({ apiVersion, kind: 'RoleBinding', metadata: inRecords, ...bind('Role', name) }),
    object<IRole>({
      apiVersion,
      kind: 'Role',
      metadata: inOwn,
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [seenName], verbs: ['get', 'patch'] }],
    }),
    object<IRoleBinding>({ apiVersion, kind: 'RoleBinding', metadata: inOwn, ...bind('Role', seenName) }),
  ]
}
