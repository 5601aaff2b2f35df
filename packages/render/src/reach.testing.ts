import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import type { KubeObject } from './object.ts'
import { type Loose, matches } from './samples.testing.ts'

/** One end of a connection: a pod, or an address outside the cluster. */
export type End = { readonly namespace: string; readonly labels: Loose } | { readonly address: string }

/** The pod of a service of the home `casa`. */
export const podOf = (service: string, env = 'prod'): End => ({
  namespace: `casa-${env}-${service}`,
  labels: { 'app.kubernetes.io/name': service },
})

const inBlock = ({ cidr, except = [] }: Loose, address: string): boolean => {
  const covers = (block: string): boolean => {
    const [network = '', bits] = block.split('/')
    if (isIPv6(network) !== isIPv6(address)) return false
    const list = new BlockList()
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    list.addSubnet(network, Number(bits), family)
    return list.check(address, family)
  }
  return covers(cidr) && !except.some(covers)
}

const isPeer = ({ ipBlock, namespaceSelector, podSelector }: Loose, end: End, home: string): boolean => {
  if ('address' in end) return ipBlock !== undefined && inBlock(ipBlock, end.address)
  if (ipBlock !== undefined) return false
  const inNamespace =
    namespaceSelector === undefined
      ? end.namespace === home
      : matches(namespaceSelector, { 'kubernetes.io/metadata.name': end.namespace })
  return inNamespace && matches(podSelector, end.labels)
}

/** A connection asked for. */
export type Call = { readonly from: End; readonly to: End; readonly port: number; readonly protocol?: 'TCP' | 'UDP' }

/** An empty list of ports or peers is no limit at all, as if it were not there. */
const opens = (
  { ports = [], to, from }: Loose,
  call: Call,
  other: { readonly end: End; readonly home: string },
): boolean => {
  const peers = to ?? from ?? []
  const onPort =
    ports.length === 0 ||
    ports.some(
      (one: Loose) =>
        one.protocol === (call.protocol ?? 'TCP') && one.port <= call.port && call.port <= (one.endPort ?? one.port),
    )
  return onPort && (peers.length === 0 || peers.some((peer: Loose) => isPeer(peer, other.end, other.home)))
}

/**
 * Whether the policies among the objects let a connection through, by the rules of NetworkPolicy: each end that is a pod
 * must agree; a pod that no policy selects agrees to all.
 */
export const reaches = (objects: readonly KubeObject[], call: Call): boolean => {
  const agrees = (
    end: End,
    other: End,
    [type, side]: readonly ['Egress' | 'Ingress', 'egress' | 'ingress'],
  ): boolean => {
    if ('address' in end) return true
    const selecting = objects
      .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === end.namespace)
      .map(({ spec }) => spec as Loose)
      .filter(({ podSelector }) => matches(podSelector, end.labels))
    for (const { policyTypes } of selecting) assert(policyTypes.includes(type), 'a policy of one direction')
    if (selecting.length === 0) return true
    return selecting.some((spec) =>
      (spec[side] ?? []).some((rule: Loose) => opens(rule, call, { end: other, home: end.namespace })),
    )
  }
  return agrees(call.from, call.to, ['Egress', 'egress']) && agrees(call.to, call.from, ['Ingress', 'ingress'])
}
