import type { Home } from '@homeslice/config'
import { networkOf } from '../cidr.ts'
import { itself, policy } from '../network.ts'
import { selectorOf } from '../names.ts'
import type { KubeObject } from '../object.ts'
import type { Workload } from '../workload.ts'

/** Networks that a home's machines are on: private ones, those that providers share, and those of overlays. */
const privateNetworks = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']

/** Where API servers listen: behind the cluster's own address, and on their machine. */
const ports = [443, 6443]

/**
 * Lets the keeper call the API server, and nobody else: not even names are asked for. Policy sees the server at the
 * address of its machine, which nobody knows before there is a cluster; so all private networks and those of the home
 * are open on its ports, and the internet is not. Our own pods there let nobody in whom they do not expect.
 */
export const apiPolicy = ({ owner, service: { name } }: Workload, { cluster }: Home): KubeObject => {
  const own = cluster.context === undefined ? [] : cluster.lan.map(networkOf)
  const networks = [...new Set([...privateNetworks, ...own])].toSorted()
  return policy(owner, name, {
    podSelector: { matchLabels: selectorOf(name) },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [itself(name)],
    egress: [
      {
        to: networks.map((cidr) => ({ ipBlock: { cidr } })),
        ports: ports.map((port) => ({ protocol: 'TCP', port })),
      },
    ],
  })
}
