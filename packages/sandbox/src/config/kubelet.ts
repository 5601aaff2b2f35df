import { inside } from '../folders.ts'
import type { Network } from '../network.ts'
import { crt, key } from './certificates.ts'
import { containerdSocket } from './containerd.ts'

/** The kubelet's configuration. */
export const kubeletConfig = (group: string, network: Network): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: network.node,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: crt('ca') },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: crt('kubelet-server'),
  tlsPrivateKeyFile: key('kubelet-server'),
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  clusterDNS: [network.dns],
  clusterDomain: 'cluster.local',
  resolvConf: `${inside.config}/resolv.conf`,
  failCgroupV1: false,
  failSwapOn: false,
  cgroupDriver: 'cgroupfs',
  // A group of its own: two sandboxes, or one and a real kubelet, would take each other's pods for orphans.
  cgroupRoot: group,
  maxPods: 250,
  volumePluginDir: '/var/lib/kubelet/volume-plugins',
  // Images cannot be pulled again, so nothing may remove them. The thresholds are absolute and small,
  // because the disk is shared with everything else on this machine.
  imageGCHighThresholdPercent: 100,
  imageGCLowThresholdPercent: 99,
  evictionHard: {
    'memory.available': '100Mi',
    'nodefs.available': '64Mi',
    'imagefs.available': '0%',
    'nodefs.inodesFree': '0%',
    'imagefs.inodesFree': '0%',
  },
  containerLogMaxSize: '5Mi',
  containerLogMaxFiles: 3,
  nodeStatusUpdateFrequency: '10s',
  nodeLeaseDurationSeconds: 40,
  readOnlyPort: 0,
  healthzBindAddress: '127.0.0.1',
  shutdownGracePeriod: '0s',
})
