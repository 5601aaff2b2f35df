import type { KubeObject } from '@homeslice/render'
import { systemNamespace } from './applyset.ts'
import { fence } from './fence.ts'
import { systemObject } from './ground.ts'
import { isRight, kindOf } from './kinds.ts'
import { inHome, inSystem, type Power } from './powers.ts'

/** Whose rights are granted: the account that `doctor --rbac` makes, in our own namespace. */
export const accountName = 'homeslice'

const rbac = 'rbac.authorization.k8s.io'
const labels = { 'app.kubernetes.io/part-of': 'homeslice' }

type Rule = {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const rule = (group: string, resources: readonly string[], verbs: string): Rule => ({
  apiGroups: [group],
  resources,
  verbs: verbs.split(' '),
})

/** What has to be read across the cluster: whose a name or an address is, and whether the fence stands. */
const reading: readonly Rule[] = [
  rule('', ['namespaces'], 'get'),
  rule('storage.k8s.io', ['storageclasses'], 'list'),
  rule('gateway.networking.k8s.io', ['gateways'], 'get'),
  rule('gateway.networking.k8s.io', ['httproutes'], 'list'),
  {
    ...rule(
      'admissionregistration.k8s.io',
      fence.map((object) => kindOf(object).plural),
      'get',
    ),
    resourceNames: [...new Set(fence.map(({ metadata }) => metadata.name))],
  },
]

/** The rights that the keeper has are applied with these; the account only sees that they are there. */
const rightsOfCluster = rule(rbac, ['clusterroles', 'clusterrolebindings'], 'get list')

/** Volumes on a folder of the node belong to no namespace. */
const volumes: readonly Rule[] = [rule('', ['persistentvolumes'], 'get list create patch delete')]

/**
 * What whoever runs a cluster applies once, so that an account with few rights can bring these environments up and
 * change them: their namespaces as they are to be, the ground, and the rights in exactly those.
 */
export const grantsFor = (desired: readonly KubeObject[]): KubeObject[] => {
  const namespaces = desired.filter(({ kind }) => kind === 'Namespace')
  const rights = desired.filter(isRight)
  const needsVolumes = desired.some(({ kind }) => kind === 'PersistentVolume')
  return [
    systemObject,
    ...namespaces,
    ...fence,
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: accountName, namespace: systemNamespace, labels } },
    ...granted(rulesOf(inSystem), systemNamespace),
    ...namespaces.flatMap(({ metadata }) => granted(rulesOf(inHome), metadata.name)),
    ...granted([...reading, ...(rights.length > 0 ? [rightsOfCluster] : []), ...(needsVolumes ? volumes : [])]),
    ...rights,
  ]
}

/** A role with its binding, in a namespace or across the cluster. */
const granted = (rules: readonly Rule[], namespace?: string): KubeObject[] => {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role'
  const metadata = { name: accountName, ...(namespace === undefined ? {} : { namespace }), labels }
  return [
    { apiVersion: `${rbac}/v1`, kind, metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: rbac, kind, name: accountName },
      subjects: [{ kind: 'ServiceAccount', name: accountName, namespace: systemNamespace }],
    },
  ]
}

/** Powers as rules: one for each group and set of verbs. */
const rulesOf = (powers: readonly Omit<Power, 'namespace'>[]): Rule[] => {
  const verbs = new Map<string, Set<string>>()
  for (const { group, resource, verb } of powers) {
    const key = `${group} ${resource}`
    verbs.set(key, new Set([...(verbs.get(key) ?? []), verb]))
  }
  const rules = new Map<string, string[]>()
  for (const [key, may] of verbs) {
    const [group = '', resource = ''] = key.split(' ')
    const alike = `${group} ${[...may].join(' ')}`
    rules.set(alike, [...(rules.get(alike) ?? []), resource])
  }
  return [...rules].map(([alike, resources]) => {
    const [group = '', ...rest] = alike.split(' ')
    return rule(group, resources, rest.join(' '))
  })
}
