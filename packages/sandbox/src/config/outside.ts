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

/** Pods' addresses mean nothing outside: what leaves takes the interface's own. */
export const masquerade = (): string[][] => [
  ['nft', 'add', 'table', 'ip', 'homeslice'],
  ['nft', 'add chain ip homeslice leave { type nat hook postrouting priority srcnat; }'],
  ['nft', `add rule ip homeslice leave oifname "${outsideInterface}" masquerade`],
]
