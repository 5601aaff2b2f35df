import type { Network } from '../network.ts'
import type { Program } from './programs.ts'

/** Name, inside, of the interface that leads to the machine's network. */
export const outsideInterface = 'lan0'

/**
 * The program that brings the machine's network in: it runs in the machine's
 * own namespaces and makes connections there for those that pods make inside, so
 * the machine's routes and packet filters stay untouched. The machine's own
 * 127.0.0.1 stays out of reach. `{pid}` is replaced by the inner process' number.
 */
export const wayOut = (network: Network): Program => ({
  name: 'slirp4netns',
  command: [
    'slirp4netns',
    '--configure',
    '--mtu=1500',
    '--disable-host-loopback',
    '--enable-sandbox',
    '--enable-seccomp',
    `--cidr=${network.outside}`,
    '{pid}',
    outsideInterface,
  ],
})

/**
 * Source addresses. What leaves the sandbox takes the interface's own address, as
 * pods' mean nothing outside. What comes from the node keeps the node's: kube-proxy
 * would give it that of any interface, and the gateway believes the node's only.
 * The first rule that fits decides, so this stands before kube-proxy's.
 */
export const sourceAddresses = ({ node, pods }: Network): string[][] => [
  ['nft', 'add', 'table', 'ip', 'homeslice'],
  ['nft', 'add chain ip homeslice sources { type nat hook postrouting priority 90; }'],
  ['nft', `add rule ip homeslice sources oifname "${outsideInterface}" masquerade`],
  ['nft', `add rule ip homeslice sources ip saddr ${node} ip daddr ${pods} snat to ${node}`],
]
