import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { powersFor, powersInWords } from './powers.ts'

const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
})
const desired = [object('v1', 'Namespace', 'casa-prod-web'), object('apps/v1', 'Deployment', 'web', 'casa-prod-web')]
const none = { newNamespaces: [], changedNamespaces: [] }
const words = (more: Partial<Parameters<typeof powersFor>[0]> = {}): string[] =>
  powersInWords(powersFor({ desired, ...none, ...more }))

describe('the powers of a rendering', () => {
  it('are those of its own kinds in its own namespaces, and of our books', () => {
    expect(words()).toEqual([
      'get, list, create, patch and delete configmaps and secrets in homeslice-system',
      'get, create and update leases.coordination.k8s.io in homeslice-system',
      'get roles.rbac.authorization.k8s.io and rolebindings.rbac.authorization.k8s.io in homeslice-system',
      'list serviceaccounts, resourcequotas, limitranges, networkpolicies.networking.k8s.io, secrets, configmaps, persistentvolumeclaims, middlewares.traefik.io, poddisruptionbudgets.policy, services, cronjobs.batch, httproutes.gateway.networking.k8s.io, events and jobs.batch in casa-prod-web',
      'get, list, create, patch and delete deployments.apps in casa-prod-web',
      'get and list pods, roles.rbac.authorization.k8s.io and rolebindings.rbac.authorization.k8s.io in casa-prod-web',
      'get pods/log in casa-prod-web',
    ])
  })

  it('are more where namespaces are made or changed, or a volume lies on a node', () => {
    expect(words({ newNamespaces: ['casa-prod-web'] })).toContain('create namespaces in the whole cluster')
    expect(words({ changedNamespaces: ['casa-prod-web'] })).toContain('patch namespaces in casa-prod-web')
    const folder = object('v1', 'PersistentVolume', 'casa-prod-web-data')
    expect(words({ desired: [...desired, folder] })).toContain(
      'get, list, create, patch and delete persistentvolumes in the whole cluster',
    )
  })

  it('in many places are told once', () => {
    const inPlace = (namespace: string) => ({ verb: 'list', group: '', resource: 'pods', namespace })
    expect(powersInWords(['a', 'b', 'c'].map(inPlace))).toEqual(['list pods in a, b and c'])
    expect(powersInWords(['a', 'b', 'c', 'd'].map(inPlace))).toEqual(['list pods in a, b and 2 other namespaces'])
  })
})
