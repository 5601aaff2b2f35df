import { inside } from '../folders.ts'
import { podBits, type Network } from '../network.ts'
import type { RecipeName } from '../recipes.ts'
import { crt, key } from './certificates.ts'
import { containerdSocket } from './containerd.ts'

/** One program that the node keeps running. */
export type Program = {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: readonly string[]
  readonly remove?: readonly string[]
  readonly wait?: readonly { readonly url?: string; readonly command?: readonly string[] }[]
  readonly last?: boolean
}

/** What the programs of one sandbox depend on. */
export type ProgramOptions = {
  readonly node: string
  readonly network: Network
  /** Folder name, under the cache's `bin`, of each recipe. */
  readonly built: Record<RecipeName, string>
  readonly durable: boolean
}

/** The programs of the node, in the order they are listed by `status`. */
export const programsOf = (options: ProgramOptions): Program[] => [
  etcd(options),
  apiserver(options),
  controllerManager(options),
  scheduler(options),
  containerd(options),
  kubelet(options),
  proxy(options),
  felix(options),
  storage(options),
]

/** Path inside the sandbox of a program that a recipe built. */
export const programPath = (built: Record<RecipeName, string>, recipe: RecipeName, program: string): string =>
  `${inside.bin}/${built[recipe]}/${program}`

const kubeconfig = (client: string): string => `${inside.config}/${client}.kubeconfig`

const apiUp = ({ network }: ProgramOptions) => [{ url: `https://${network.node}:6443/readyz` }]

const etcd = ({ built, durable }: ProgramOptions): Program => ({
  name: 'etcd',
  last: true,
  command: [
    programPath(built, 'kube', 'etcd'),
    '--name=node',
    `--data-dir=${inside.root}/etcd`,
    '--listen-client-urls=https://127.0.0.1:2379',
    '--advertise-client-urls=https://127.0.0.1:2379',
    '--listen-peer-urls=https://127.0.0.1:2380',
    '--initial-advertise-peer-urls=https://127.0.0.1:2380',
    '--initial-cluster=node=https://127.0.0.1:2380',
    `--cert-file=${crt('etcd')}`,
    `--key-file=${key('etcd')}`,
    '--client-cert-auth=true',
    `--trusted-ca-file=${crt('etcd-ca')}`,
    `--peer-cert-file=${crt('etcd')}`,
    `--peer-key-file=${key('etcd')}`,
    '--peer-client-cert-auth=true',
    `--peer-trusted-ca-file=${crt('etcd-ca')}`,
    '--listen-metrics-urls=http://127.0.0.1:2381',
    '--quota-backend-bytes=2147483648',
    '--auto-compaction-mode=periodic',
    '--auto-compaction-retention=30m',
    '--log-level=warn',
    ...(durable ? [] : ['--unsafe-no-fsync']),
  ],
})

const apiserver = ({ built, network }: ProgramOptions): Program => ({
  name: 'kube-apiserver',
  command: [
    programPath(built, 'kube', 'kube-apiserver'),
    '--etcd-servers=https://127.0.0.1:2379',
    `--etcd-cafile=${crt('etcd-ca')}`,
    `--etcd-certfile=${crt('apiserver-etcd')}`,
    `--etcd-keyfile=${key('apiserver-etcd')}`,
    '--bind-address=0.0.0.0',
    '--secure-port=6443',
    `--advertise-address=${network.node}`,
    `--tls-cert-file=${crt('apiserver')}`,
    `--tls-private-key-file=${key('apiserver')}`,
    `--client-ca-file=${crt('ca')}`,
    `--kubelet-client-certificate=${crt('apiserver-kubelet')}`,
    `--kubelet-client-key=${key('apiserver-kubelet')}`,
    `--kubelet-certificate-authority=${crt('ca')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${crt('front-proxy-ca')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${crt('front-proxy-client')}`,
    `--proxy-client-key-file=${key('front-proxy-client')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${key('service-accounts')}`,
    `--service-account-signing-key-file=${key('service-accounts')}`,
    `--service-cluster-ip-range=${network.services}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    '--profiling=false',
  ],
})

const controllerManager = (options: ProgramOptions): Program => ({
  name: 'kube-controller-manager',
  wait: apiUp(options),
  command: [
    programPath(options.built, 'kube', 'kube-controller-manager'),
    `--kubeconfig=${kubeconfig('controller-manager')}`,
    `--authentication-kubeconfig=${kubeconfig('controller-manager')}`,
    `--authorization-kubeconfig=${kubeconfig('controller-manager')}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    // Each controller asks for an account of its own at the start; the usual limit makes that take five seconds.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    `--root-ca-file=${crt('ca')}`,
    `--client-ca-file=${crt('ca')}`,
    `--service-account-private-key-file=${key('service-accounts')}`,
    `--cluster-signing-cert-file=${crt('ca')}`,
    `--cluster-signing-key-file=${key('ca')}`,
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${options.network.pods}`,
    `--node-cidr-mask-size=${podBits}`,
    `--service-cluster-ip-range=${options.network.services}`,
    '--profiling=false',
  ],
})

const scheduler = (options: ProgramOptions): Program => ({
  name: 'kube-scheduler',
  wait: apiUp(options),
  command: [
    programPath(options.built, 'kube', 'kube-scheduler'),
    `--kubeconfig=${kubeconfig('scheduler')}`,
    `--authentication-kubeconfig=${kubeconfig('scheduler')}`,
    `--authorization-kubeconfig=${kubeconfig('scheduler')}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
    '--profiling=false',
  ],
})

const containerd = ({ built }: ProgramOptions): Program => ({
  name: 'containerd',
  remove: [containerdSocket],
  command: [
    programPath(built, 'containerd', 'containerd'),
    `--config=${inside.config}/containerd.toml`,
    '--log-level=warn',
  ],
  // containerd looks its shim and runc up by name.
  env: [`PATH=${inside.bin}/${built.containerd}:${inside.bin}/${built.runc}:/usr/sbin:/usr/bin:/sbin:/bin`],
})

const kubelet = (options: ProgramOptions): Program => ({
  name: 'kubelet',
  // It ends at once when containerd does not answer.
  wait: [
    { command: [programPath(options.built, 'containerd', 'ctr'), `--address=${containerdSocket}`, 'version'] },
    ...apiUp(options),
  ],
  command: [
    programPath(options.built, 'kube', 'kubelet'),
    `--config=${inside.config}/kubelet.json`,
    `--kubeconfig=${kubeconfig('kubelet')}`,
    `--hostname-override=${options.node}`,
    `--node-ip=${options.network.node}`,
    '--root-dir=/var/lib/kubelet',
  ],
})

const proxy = (options: ProgramOptions): Program => ({
  name: 'kube-proxy',
  wait: apiUp(options),
  command: [programPath(options.built, 'kube', 'kube-proxy'), `--config=${inside.config}/proxy.json`],
})

const felix = (options: ProgramOptions): Program => ({
  name: 'calico-felix',
  // It ends with 129 when what it waits for appears only later.
  wait: [
    ...apiUp(options),
    {
      command: [
        programPath(options.built, 'kube', 'kubectl'),
        `--kubeconfig=${kubeconfig('calico')}`,
        'get',
        'clusterinformations.crd.projectcalico.org/default',
      ],
    },
  ],
  command: [programPath(options.built, 'calico', 'calico-felix')],
  env: [
    'FELIX_DATASTORETYPE=kubernetes',
    `KUBECONFIG=${kubeconfig('calico')}`,
    `FELIX_FELIXHOSTNAME=${options.node}`,
    'FELIX_IPTABLESBACKEND=nft',
    'FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT',
    'FELIX_IPV6SUPPORT=false',
    'FELIX_MTUIFACEPATTERN=^node0$',
    'FELIX_USAGEREPORTINGENABLED=false',
    'FELIX_LOGSEVERITYSCREEN=Warning',
    'FELIX_LOGSEVERITYFILE=none',
    'FELIX_LOGSEVERITYSYS=none',
    'FELIX_LOGFILEPATH=none',
    'FELIX_HEALTHENABLED=true',
    'FELIX_HEALTHHOST=127.0.0.1',
    'FELIX_HEALTHPORT=9099',
  ],
})

const storage = (options: ProgramOptions): Program => ({
  name: 'homeslice-storage',
  wait: apiUp(options),
  command: [
    programPath(options.built, 'kube', 'homeslice-storage'),
    `--kubeconfig=${kubeconfig('storage')}`,
    `--folder=${inside.volumes}`,
  ],
})
