import { inside, type Folders, type Places } from '../folders.ts'
import type { Network } from '../network.ts'
import { sourceAddresses } from './outside.ts'

/** What the setup of the namespaces depends on. */
export type SetupOptions = {
  readonly folders: Folders
  readonly places: Places
  readonly network: Network
  /** Whether control groups are of version 2. */
  readonly unifiedGroups: boolean
}

/**
 * The commands that prepare the namespaces, run once and in order as the first
 * thing inside. Folders of the machine that programs would write to are covered,
 * so nothing is left on the machine but the sandbox's own state.
 */
export const setupCommands = (options: SetupOptions): string[][] => [
  ...mounts(options),
  ...groups(options),
  ...links(options.network),
  ...sourceAddresses(options.network),
]

const mounts = ({ folders, places }: SetupOptions): string[][] => [
  ['mount', '--make-rprivate', '/'],
  ['mount', '-t', 'proc', 'proc', '/proc'],
  ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run'],
  ['mkdir', '-p', inside.root, inside.bin, '/run/netns', '/run/cni-leases', '/run/lock'],
  ['mount', '--bind', places.root, inside.root],
  ['mount', '--bind', `${folders.cache}/bin`, inside.bin],
  ['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/var/lib'],
  ['mkdir', '-p', '/var/lib/kubelet', '/var/lib/containerd', '/var/lib/cni', '/var/lib/calico'],
  ['mkdir', '-p', ...['kubelet', 'containerd', 'etcd', 'volumes', 'logs/node'].map((name) => `${inside.root}/${name}`)],
  ['chmod', '700', `${inside.root}/etcd`, inside.volumes],
  ['mount', '--bind', `${inside.root}/kubelet`, '/var/lib/kubelet'],
  ['mount', '--bind', `${inside.root}/containerd`, '/var/lib/containerd'],
  ['mount', '--bind', `${inside.root}/logs/node`, '/var/log'],
  ['sh', '-c', coverResolver],
  ['mount', '--make-rshared', '/'],
]

// Often a link into /run, which is empty by now.
const coverResolver = `f=$(readlink -m /etc/resolv.conf)
case $f in /run/*) mkdir -p "$(dirname "$f")" && : > "$f" ;; esac
[ ! -e "$f" ] || mount --bind ${inside.config}/resolv.conf "$f"`

const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'hugetlb', 'systemd']

const groups = ({ places: { group }, unifiedGroups }: SetupOptions): string[][] => {
  if (unifiedGroups) return [['mkdir', '-p', `/sys/fs/cgroup${group}`]]
  const each = controllers.map((it) => `[ ! -d /sys/fs/cgroup/${it} ] || mkdir -p /sys/fs/cgroup/${it}${group}`)
  return [['sh', '-c', each.join(' && ')]]
}

const links = ({ node, nodeCidr, services }: Network): string[][] => [
  ['ip', 'link', 'set', 'lo', 'up'],
  // A pair of its own carries the node's address: kernels without the dummy device have no simpler one.
  ['ip', 'link', 'add', 'node0', 'type', 'veth', 'peer', 'name', 'node1'],
  ['ip', 'address', 'add', `${node}/${nodeCidr.split('/')[1] ?? '24'}`, 'dev', 'node0'],
  ['ip', 'link', 'set', 'node0', 'up'],
  ['ip', 'link', 'set', 'node1', 'up'],
  // Services are rewritten before they are routed; the route gives such connections the node's own address.
  ['ip', 'route', 'add', services, 'dev', 'node0', 'src', node],
  // The last resort, until a way out is there: kube-proxy and the kubelet look for a default route.
  ['ip', 'route', 'add', 'default', 'dev', 'node0', 'src', node, 'metric', '4000'],
  ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'],
]
