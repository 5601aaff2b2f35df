import { cloudSimulatedBy, devicePorts, type KubeObject, simulatedBy } from '@homeslice/render'
import type { Danger } from '../change.ts'
import { at, type Group, groupAt, groupsAt, numberAt, textAt, textsAt } from '../group.ts'
import { placeOf } from '../situation.ts'

/** One way that traffic may go by a network policy. */
export type Way = { readonly from: string; readonly to: string; readonly at: Danger['at'] }

/** The ways that a policy opens out of its service, into it, or both. */
export const waysOf = (
  service: string,
  policy: KubeObject | undefined,
  { into }: { readonly into: boolean },
): Way[] => [
  ...groupsAt(policy, 'spec', 'egress').flatMap((rule) =>
    groupsAt(rule, 'to').flatMap((peer) => wayOut(service, peer, groupsAt(rule, 'ports'))),
  ),
  ...(into ? groupsAt(policy, 'spec', 'ingress') : []).flatMap((rule) =>
    groupsAt(rule, 'from').flatMap((peer) => wayIn(service, peer, groupsAt(rule, 'ports'))),
  ),
]

/** Networks that are left out of what a policy opens, by the network that is open. */
export const leftOutOf = (policy: KubeObject | undefined): ReadonlyMap<string, readonly string[]> =>
  new Map(
    groupsAt(policy, 'spec', 'egress')
      .flatMap((rule) => groupsAt(rule, 'to'))
      .map((peer) => [textAt(peer, 'ipBlock', 'cidr'), textsAt(peer, 'ipBlock', 'except')]),
  )

const wayOut = (from: string, peer: Group, ports: readonly Group[]): Way[] => {
  const cidr = textAt(peer, 'ipBlock', 'cidr')
  if (cidr === '0.0.0.0/0' || cidr === '::/0') return [{ from, to: 'the internet', at: placeOf(from, 'egress') }]
  if (cidr !== '') return [wayToAddress(from, cidr, ports)]
  const name = podsOf(peer)
  // Everyone may ask for names.
  if (name === 'kube-dns') return []
  return [{ from: named(from), to: `${named(name)}${portsIn(ports)}`, at: placeOf(from, keyOf(name)) }]
}

const wayToAddress = (from: string, cidr: string, ports: readonly Group[]): Way => {
  const address = cidr.replace(/\/(32|128)$/u, '')
  const device = address === cidr ? undefined : deviceWith(ports)
  return device === undefined
    ? { from, to: `${address}${portsIn(ports)}`, at: placeOf(from, 'egress') }
    : { from, to: `the ${device} device at ${address}`, at: placeOf(from, 'devices') }
}

const wayIn = (to: string, peer: Group, ports: readonly Group[]): Way[] => {
  // A policy that lets nobody in names its own pods.
  if (at(peer, 'namespaceSelector') === undefined) return []
  const name = podsOf(peer)
  const place = name === gateway ? placeOf(to, 'routes') : placeOf(name, keyOf(to))
  return [{ from: named(name), to: `${named(to)}${portsIn(ports)}`, at: place }]
}

/** The key of a service that names what it reaches. */
const keyOf = (name: string): string => {
  if (cloudSimulatedBy(name) !== undefined) return 'simulate'
  return simulatedBy(name) === undefined ? 'needs' : 'devices'
}

const podsOf = (peer: Group): string =>
  Object.values(groupAt(peer, 'podSelector', 'matchLabels'))
    .map(String)
    .join(', ')

const gateway = 'traefik'

const named = (name: string): string => {
  if (name === gateway) return 'the gateway'
  const [device, cloud] = [simulatedBy(name), cloudSimulatedBy(name)]
  if (device !== undefined) return `the device ${device}`
  return cloud === undefined ? name : `the simulator of ${cloud}`
}

const spansOf = (ports: readonly Group[]): (readonly [first: number, last: number])[] =>
  ports.map((port) => [numberAt(port, 'port'), numberAt(port, 'endPort') || numberAt(port, 'port')])

const portsIn = (ports: readonly Group[]): string => {
  const spans = spansOf(ports).map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`))
  const all = [...new Set(spans)].join(' and ')
  if (all === '') return ''
  return all.includes(' ') ? ` on ports ${all}` : ` on port ${all}`
}

/** The kind of device that listens on exactly these ports. */
const deviceWith = (ports: readonly Group[]): string | undefined => {
  const spans = JSON.stringify(spansOf(ports))
  return Object.entries(devicePorts).find(
    ([, own]) => JSON.stringify(own.map(({ first, last }) => [first, last])) === spans,
  )?.[0]
}
