import { catalog } from '@homeslice/catalog'
import {
  cloudSimulatorOf,
  type Device,
  type Environment,
  type Home,
  type Service,
  simulatorOf,
} from '@homeslice/config'
import { holds, networkOf } from './cidr.ts'
import { devicePorts, type Ports, single } from './devices.ts'
import { openRoutes } from './route.ts'
import { simulatorDoors } from './simulators.ts'
import type { Workload } from './workload.ts'

/** One way that traffic may go; all else is closed. Network policy is made from nothing but these. */
export type Edge =
  /** From the gateway to a service's port. */
  | { readonly kind: 'gateway'; readonly to: string; readonly port: number }
  /** From a service to another service of the environment. */
  | { readonly kind: 'service'; readonly from: string; readonly to: string; readonly ports: readonly Ports[] }
  /** From a service to addresses outside the cluster. */
  | { readonly kind: 'address'; readonly from: string; readonly cidr: string; readonly ports: readonly Ports[] }
  /** From a service to the internet, the networks of the house left out. */
  | { readonly kind: 'internet'; readonly from: string }

/** The edges of one environment: what its routes, `needs`, `devices`, clouds and `egress` ask for. */
export const edgesOf = (workloads: readonly Workload[], home: Home, { devices }: Environment): Edge[] =>
  workloads.flatMap((workload) => {
    const { service, ports } = workload
    const from = service.name
    const needed = workloads.filter((other) => service.needs.includes(other.service.name))
    const driven = service.devices.flatMap((name) => Object.values(devices).filter((device) => device.name === name))
    return [
      ...(openRoutes(workload, home).length > 0 ? ports.slice(0, 1) : []).map(({ target }): Edge => ({
        kind: 'gateway',
        to: from,
        port: target,
      })),
      ...needed.flatMap((other) =>
        other.ports
          .slice(0, 1)
          .map(({ target }): Edge => ({ kind: 'service', from, to: other.service.name, ports: [single(target)] })),
      ),
      ...driven.flatMap((device) => [...edgesToDevice(from, device), ...edgesFromDevice(workload, device)]),
      ...edgesToClouds(service),
      ...edgesOut(service, driven),
    ]
  })

const edgesToDevice = (from: string, { name, kind, simulate, address }: Device): Edge[] => {
  if (simulate) return [{ kind: 'service', from, to: simulatorOf(name), ports: portsOf(simulatorDoors[kind]) }]
  return address === undefined
    ? []
    : [{ kind: 'address', from, cidr: networkOf(address), ports: portsOf(devicePorts[kind]) }]
}

const portsOf = (doors: readonly Ports[]): Ports[] => doors.map(({ first, last }) => ({ first, last }))

/** A simulated speaker fetches what it plays from the service; a real one comes through the gateway. */
const edgesFromDevice = ({ service, ports }: Workload, { name, simulate }: Device): Edge[] => {
  const called = simulate && service.use !== undefined && catalog.get(service.use.entry)?.isCalledByDevices === true
  return (called ? ports : []).map(({ target }) => ({
    kind: 'service',
    from: simulatorOf(name),
    to: service.name,
    ports: [single(target)],
  }))
}

const edgesToClouds = ({ name, clouds, simulate }: Service): Edge[] =>
  (simulate ? clouds : []).map(({ kind }) => ({
    kind: 'service',
    from: name,
    to: cloudSimulatorOf(kind),
    ports: portsOf(simulatorDoors[kind]),
  }))

/** A device without an address is reached through its cloud. */
const isOfCloud = ({ address, simulate }: Device): boolean => !simulate && address === undefined

const edgesOut = ({ name, egress }: Service, driven: readonly Device[]): Edge[] => [
  ...(egress.internet || driven.some(isOfCloud) ? [{ kind: 'internet', from: name } as const] : []),
  ...egress.to.map(({ cidr, port }): Edge => ({
    kind: 'address',
    from: name,
    cidr: networkOf(cidr),
    ports: [single(port)],
  })),
]

/** Whether an address is one of the internet's, and no private one or one of the home. */
export const isOfInternet = (address: string, { cluster }: Home): boolean =>
  ![...notInternet[4], ...notInternet[6], ...cluster.lan].some((network) => holds(network, address))

/** Networks that are never the internet: private, shared, link-local, loopback, multicast, reserved. */
const notInternet = {
  4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
  ],
  6: ['::/127', '64:ff9b::/96', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
} as const

/**
 * The internet as address blocks: everything but private networks and the home's own. None of a family that the home
 * claims whole.
 */
export const internetBlocks = ({ cluster }: Home): { readonly cidr: string; readonly except: string[] }[] =>
  ([4, 6] as const).flatMap((family) => {
    const own = cluster.lan.map(networkOf).filter((cidr) => cidr.includes(':') === (family === 6))
    const except = [...new Set([...notInternet[family], ...own])].toSorted()
    return own.some((cidr) => cidr.endsWith('/0')) ? [] : [{ cidr: family === 4 ? '0.0.0.0/0' : '::/0', except }]
  })
