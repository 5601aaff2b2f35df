import { inside } from '../folders.ts'
import type { Network } from '../network.ts'

/** kube-proxy's configuration. Limits on connection tracking are the machine's, so they are left alone. */
export const proxyConfig = (node: string, network: Network): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  // A new pod is behind its Service after this time at most; the default of 1 s is felt at every change.
  nftables: { minSyncPeriod: '100ms' },
  hostnameOverride: node,
  clientConnection: { kubeconfig: `${inside.config}/proxy.kubeconfig` },
  clusterCIDR: network.pods,
  metricsBindAddress: '127.0.0.1:10249',
  healthzBindAddress: '127.0.0.1:10256',
  nodePortAddresses: [`${network.node}/32`],
  conntrack: {
    maxPerCore: 0,
    min: 0,
    tcpEstablishedTimeout: '0s',
    tcpCloseWaitTimeout: '0s',
    udpTimeout: '0s',
    udpStreamTimeout: '0s',
  },
})
