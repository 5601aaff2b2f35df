import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { Home } from '@homeslice/config'
import type { Ports } from './devices.ts'
import { type Edge, internetBlocks } from './edges.ts'
import { labelsOf, namespaceOf, type Owner, selectorOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

type Spec = NonNullable<INetworkPolicy['spec']>
type Ingress = NonNullable<Spec['ingress']>[number]
type Egress = NonNullable<Spec['egress']>[number]
type Peer = NonNullable<Egress['to']>[number]
type PolicyPort = NonNullable<Egress['ports']>[number]

/** What a namespace lets in and out: nothing, but for what the edges of its service say. */
export const policyObjects = ({ owner, service }: Workload, edges: readonly Edge[], home: Home): KubeObject[] => {
  const letsIn = edges.flatMap((edge) => ingressOf(edge, owner, home))
  return [
    denyAll(owner),
    policy(owner, service.name, {
      podSelector: { matchLabels: selectorOf(service.name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: letsIn.length > 0 ? letsIn : [itself(service.name)],
      egress: [dns, ...edges.flatMap((edge) => egressOf(edge, owner, home))],
    }),
  ]
}

/** Lets nothing into a namespace and nothing out. */
export const denyAll = (owner: Owner): KubeObject =>
  policy(owner, 'default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })

/** A policy of a namespace, under our labels. */
export const policy = (owner: Owner, name: string, spec: Spec): KubeObject =>
  object<INetworkPolicy>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: namespaceOf(owner), labels: labelsOf(owner, name) },
    spec,
  })

/** For a service that nobody calls: some checkers take an empty list for a forgotten one, so its own pods stand in it. */
export const itself = (service: string): Ingress => ({ from: [{ podSelector: { matchLabels: selectorOf(service) } }] })

const podsOf = (namespace: string, matchLabels: Record<string, string>): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels },
})

const serviceIn = (owner: Owner, service: string): Peer =>
  podsOf(namespaceOf({ ...owner, service }), selectorOf(service))

const tcp = (ports: readonly Ports[]): PolicyPort[] =>
  ports.map(({ first, last }) => ({ protocol: 'TCP', port: first, ...(last === first ? {} : { endPort: last }) }))

const dns: Egress = {
  to: [podsOf('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}

const ingressOf = (edge: Edge, owner: Owner, { cluster }: Home): Ingress[] => {
  if (edge.kind === 'gateway' && edge.to === owner.service) {
    const gateway = podsOf(cluster.gateway.namespace, { 'app.kubernetes.io/name': 'traefik' })
    return [{ from: [gateway], ports: tcp([{ first: edge.port, last: edge.port }]) }]
  }
  if (edge.kind === 'service' && edge.to === owner.service) {
    return [{ from: [serviceIn(owner, edge.from)], ports: tcp(edge.ports) }]
  }
  return []
}

const egressOf = (edge: Edge, owner: Owner, home: Home): Egress[] => {
  if (edge.kind === 'gateway' || edge.from !== owner.service) return []
  if (edge.kind === 'service') return [{ to: [serviceIn(owner, edge.to)], ports: tcp(edge.ports) }]
  if (edge.kind === 'address') return [{ to: [{ ipBlock: { cidr: edge.cidr } }], ports: tcp(edge.ports) }]
  const to = internetBlocks(home).map((ipBlock) => ({ ipBlock }))
  // A rule without peers would open everything.
  return to.length > 0 ? [{ to }] : []
}
