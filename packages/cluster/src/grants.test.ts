import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { grantsFor } from './grants.ts'
import { type Power, powersFor } from './powers.ts'

const labels = { 'homeslice.dev/home': 'casa' }
const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'casa-prod-web', labels } }
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'casa-prod-web' },
}
const folder: KubeObject = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'casa-prod-web-data' } }

type Rule = Readonly<Record<'apiGroups' | 'resources' | 'verbs', readonly string[]>>

const allows = (objects: readonly KubeObject[], { verb, group, resource, namespace: place }: Power): boolean =>
  objects
    .filter(({ kind, metadata }) => kind === 'ClusterRole' || (kind === 'Role' && metadata.namespace === place))
    .flatMap(({ rules }) => rules as Rule[])
    .some((rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb))

describe('what is granted', () => {
  it('is all that a rendering needs whose namespaces are there', () => {
    const desired = [namespace, deployment, folder]
    const grants = grantsFor(desired)
    const powers = powersFor({ desired, newNamespaces: [], changedNamespaces: [] })
    expect(powers.filter((power) => !allows(grants, power))).toEqual([])
    expect(grants).toContain(namespace)
  })

  it('is what the keeper may do, which the account only sees', () => {
    const role: KubeObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'casa-prod-keeper' },
      rules: [],
    }
    const grants = grantsFor([namespace, deployment, role])
    expect(grants).toContain(role)
    const may = (verb: string): boolean =>
      allows(grants, { verb, group: 'rbac.authorization.k8s.io', resource: 'clusterroles' })
    expect(['list', 'create', 'patch', 'escalate'].map(may)).toEqual([true, false, false, false])
  })

  it('is neither a namespace, nor the fence, nor anything of others', () => {
    const grants = grantsFor([namespace, deployment])
    const power = (verb: string, group: string, resource: string, place?: string): Power => ({
      verb,
      group,
      resource,
      ...(place === undefined ? {} : { namespace: place }),
    })
    for (const one of [
      power('create', '', 'namespaces'),
      power('patch', '', 'namespaces', 'casa-prod-web'),
      power('delete', '', 'namespaces', 'casa-prod-web'),
      power('patch', 'admissionregistration.k8s.io', 'validatingadmissionpolicies'),
      power('get', '', 'secrets'),
      power('list', '', 'secrets', 'kube-system'),
      power('create', '', 'persistentvolumes'),
      power('create', 'rbac.authorization.k8s.io', 'roles', 'casa-prod-web'),
    ]) {
      expect([one, allows(grants, one)]).toEqual([one, false])
    }
    const verbs = grants
      .filter(({ kind }) => kind === 'ClusterRole')
      .flatMap(({ rules }) => (rules as Rule[]).flatMap((rule) => rule.verbs))
    expect([...new Set(verbs)].toSorted()).toEqual(['get', 'list'])
  })
})
