import { inside } from '../folders.ts'
import type { Network } from '../network.ts'

type Certificate = {
  readonly file: string
  readonly name: string
  readonly by: string
  readonly groups?: readonly string[]
  readonly hosts?: readonly string[]
}

/** What `homeslice-node pki` is asked to make, once. */
export type CertificateOrder = {
  readonly folder: string
  readonly certificates: readonly Certificate[]
  readonly keys: readonly string[]
}

/** The certificates of one sandbox: authorities for the cluster, for etcd and for extensions of the API, and one for each program that is a server or a client. */
export const certificateOrder = (folder: string, node: string, network: Network): CertificateOrder => ({
  folder,
  certificates: [
    { file: 'ca', name: 'homeslice-cluster', by: '' },
    { file: 'etcd-ca', name: 'homeslice-etcd', by: '' },
    { file: 'front-proxy-ca', name: 'homeslice-front-proxy', by: '' },
    { file: 'etcd', name: 'etcd', by: 'etcd-ca', hosts: ['127.0.0.1', 'localhost'] },
    { file: 'apiserver-etcd', name: 'kube-apiserver', by: 'etcd-ca' },
    { file: 'front-proxy-client', name: 'front-proxy-client', by: 'front-proxy-ca' },
    {
      file: 'apiserver',
      name: 'kube-apiserver',
      by: 'ca',
      hosts: [
        '127.0.0.1',
        network.node,
        network.api,
        'localhost',
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        'kubernetes.default.svc.cluster.local',
      ],
    },
    { file: 'apiserver-kubelet', name: 'homeslice:apiserver', by: 'ca' },
    { file: 'kubelet-server', name: node, by: 'ca', hosts: [node, network.node] },
    { file: 'gateway', name: 'homeslice sandbox gateway', by: 'ca', hosts: ['localhost', '127.0.0.1'] },
    ...clients(node).map(({ file, name, groups }) => ({ file, name, by: 'ca', groups })),
  ],
  keys: ['service-accounts'],
})

/** Everyone who talks to the API server with a certificate. */
export const clients = (node: string) =>
  [
    { file: 'admin', name: 'homeslice-admin', groups: ['system:masters'] },
    { file: 'controller-manager', name: 'system:kube-controller-manager', groups: [] },
    { file: 'scheduler', name: 'system:kube-scheduler', groups: [] },
    { file: 'proxy', name: 'system:kube-proxy', groups: [] },
    { file: 'kubelet', name: `system:node:${node}`, groups: ['system:nodes'] },
    { file: 'calico', name: 'homeslice:calico', groups: [] },
    { file: 'storage', name: 'homeslice:storage', groups: [] },
  ] as const

/** A certificate of the sandbox, as its programs see it. */
export const crt = (file: string): string => `${inside.certificates}/${file}.crt`

/** The key of a certificate of the sandbox, as its programs see it. */
export const key = (file: string): string => `${inside.certificates}/${file}.key`
