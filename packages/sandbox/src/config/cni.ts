import { inside } from '../folders.ts'

/** The CNI configuration: Calico's plugin makes each pod's interface, so that Felix can put policy on it. Leases lie on a tmpfs and vanish with the sandbox. */
export const cniConfig = (node: string): object => ({
  name: 'homeslice',
  cniVersion: '0.3.1',
  plugins: [
    {
      type: 'calico',
      datastore_type: 'kubernetes',
      nodename: node,
      nodename_file_optional: true,
      log_level: 'warning',
      log_file_path: '/var/log/calico-cni.log',
      log_file_max_size: 2,
      log_file_max_count: 1,
      mtu: 1500,
      ipam: { type: 'host-local', subnet: 'usePodCidr', dataDir: '/run/cni-leases' },
      policy: { type: 'k8s' },
      kubernetes: { kubeconfig: `${inside.config}/calico.kubeconfig` },
    },
    { type: 'portmap', capabilities: { portMappings: true }, snat: true },
  ],
})
