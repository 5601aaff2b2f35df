import type { Network } from '../network.ts'
import { clusterRole, partLabels, restrictedContainer, restrictedPod, rule, type KubeObject } from './objects.ts'

const name = 'coredns'
const namespace = 'kube-system'
const labels = { ...partLabels(name), 'k8s-app': 'kube-dns' }
const selector = { 'k8s-app': 'kube-dns' }

/** The cluster's DNS: names of Services, and everything else from the machine's own resolver. */
export const dnsObjects = (image: string, network: Network): KubeObject[] => [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
  ...clusterRole('homeslice:coredns', { kind: 'ServiceAccount', name, namespace }, [
    rule('', ['services', 'pods', 'namespaces', 'endpoints'], 'list watch'),
    rule('discovery.k8s.io', ['endpointslices'], 'list watch'),
  ]),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels },
    data: { Corefile: corefile(network.resolver) },
  },
  deployment(image),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace, labels },
    spec: {
      clusterIP: network.dns,
      selector,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  },
  policy(network),
]

/** CoreDNS' configuration. `resolver` answers for names outside the cluster. */
const corefile = (resolver: string): string => `.:53 {
    errors
    health :8080 {
        lameduck 1s
    }
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    prometheus :9153
    forward . ${resolver} {
        max_concurrent 1000
    }
    cache 30
    reload
}
`

const deployment = (image: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: selector },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        priorityClassName: 'system-cluster-critical',
        dnsPolicy: 'Default',
        securityContext: restrictedPod,
        containers: [
          {
            name,
            image,
            imagePullPolicy: 'Never',
            args: ['-conf', '/etc/coredns/Corefile'],
            ports: [
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
              { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
              { name: 'metrics', containerPort: 9153 },
            ],
            resources: { requests: { cpu: '50m', memory: '40Mi' }, limits: { memory: '170Mi' } },
            readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
            livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 10, failureThreshold: 5 },
            securityContext: restrictedContainer,
            volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name } }],
      },
    },
  },
})

// Every pod may ask; CoreDNS itself reaches the API server and the resolver only.
const policy = (network: Network): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, labels },
  spec: {
    podSelector: { matchLabels: selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
          { port: 9153, protocol: 'TCP' },
        ],
      },
    ],
    egress: [
      { to: [{ ipBlock: { cidr: `${network.node}/32` } }], ports: [{ port: 6443, protocol: 'TCP' }] },
      {
        to: [{ ipBlock: { cidr: `${network.resolver}/32` } }],
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
    ],
  },
})
