/** One Kubernetes object, as JSON. */
export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [field: string]: unknown
}

/** Labels of everything the sandbox itself puts into the cluster. */
export const partLabels = (name: string): Record<string, string> => ({
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'homeslice-sandbox',
  'app.kubernetes.io/managed-by': 'homeslice-sandbox',
})

/** A ClusterRole and its binding to one user or service account, both called `name`. */
export const clusterRole = (name: string, subject: object, rules: readonly object[]): KubeObject[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: partLabels(name.replaceAll(':', '-')) },
    rules,
  },
  clusterRoleBinding(name, subject, name),
]

/** The binding of a ClusterRole to one user or service account. */
export const clusterRoleBinding = (name: string, subject: object, role: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name, labels: partLabels(name.replaceAll(':', '-')) },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [subject],
})

/** A user known by the name in a client certificate. */
export const user = (name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })

/** One RBAC rule; `verbs` are separated by blanks. */
export const rule = (group: string, resources: readonly string[], verbs: string): object => ({
  apiGroups: [group],
  resources,
  verbs: verbs.split(' '),
})

/** What a pod of ours needs to be admitted at Pod Security `restricted`. */
export const restrictedPod = {
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  fsGroup: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
} as const

/** What a container of ours needs to be admitted at Pod Security `restricted`. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const
