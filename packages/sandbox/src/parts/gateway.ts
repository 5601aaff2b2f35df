import { gatewayPorts } from '../config/plan.ts'
import type { Network } from '../network.ts'
import { clusterRole, partLabels, restrictedContainer, restrictedPod, rule, type KubeObject } from './objects.ts'

const name = 'traefik'
const namespace = 'homeslice-gateway'
const labels = partLabels(name)
const selector = { 'app.kubernetes.io/name': name }
const certificate = 'gateway-certificate'
const read = 'get list watch'

/** PEM texts of the gateway's self-signed certificate. */
export type GatewayCertificate = { readonly certificate: string; readonly key: string }

/** Traefik and its Gateway `homeslice`, which takes routes from every namespace. The custom resources' definitions have to be there. */
export const gatewayObjects = (image: string, network: Network, tls: GatewayCertificate): KubeObject[] => [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' },
    },
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels } },
  ...clusterRole('homeslice:traefik', { kind: 'ServiceAccount', name, namespace }, rights),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: certificate, namespace, labels },
    data: { 'tls.crt': base64(tls.certificate), 'tls.key': base64(tls.key) },
  },
  deployment(image, network),
  service(network),
  policy(network),
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'homeslice', labels },
    spec: { controllerName: 'traefik.io/gateway-controller' },
  },
  gateway,
]

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const rights = [
  rule('', ['namespaces', 'services', 'secrets', 'configmaps', 'nodes'], read),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule(
    'gateway.networking.k8s.io',
    ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'referencegrants', 'backendtlspolicies'],
    read,
  ),
  rule(
    'gateway.networking.k8s.io',
    ['gatewayclasses/status', 'gateways/status', 'httproutes/status', 'grpcroutes/status', 'backendtlspolicies/status'],
    'update patch',
  ),
  rule('traefik.io', ['*'], read),
]

const gateway: KubeObject = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'homeslice', namespace, labels },
  spec: {
    gatewayClassName: 'homeslice',
    listeners: [
      { name: 'http', port: gatewayPorts.http, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
      {
        name: 'https',
        port: gatewayPorts.https,
        protocol: 'HTTPS',
        allowedRoutes: { namespaces: { from: 'All' } },
        tls: { mode: 'Terminate', certificateRefs: [{ kind: 'Secret', name: certificate }] },
      },
    ],
  },
}

// Only the node's own address is believed when it names another client: that is the forwarder.
const args = (network: Network): string[] => [
  '--global.checknewversion=false',
  '--global.sendanonymoususage=false',
  '--log.level=INFO',
  '--log.format=json',
  '--accesslog=false',
  '--ping=true',
  '--ping.entrypoint=metrics',
  '--metrics.prometheus=true',
  '--metrics.prometheus.entrypoint=metrics',
  '--metrics.prometheus.addrouterslabels=true',
  `--entrypoints.metrics.address=:${gatewayPorts.metrics}`,
  `--entrypoints.web.address=:${gatewayPorts.http}`,
  `--entrypoints.web.proxyprotocol.trustedips=${network.node}/32`,
  `--entrypoints.websecure.address=:${gatewayPorts.https}`,
  `--entrypoints.websecure.proxyprotocol.trustedips=${network.node}/32`,
  // A new route works after this time at most; the default of 2 s is felt at every change.
  '--providers.providersthrottleduration=250ms',
  '--providers.kubernetesgateway=true',
  '--providers.kubernetescrd=true',
  '--providers.kubernetescrd.allowcrossnamespace=false',
  '--providers.kubernetescrd.ingressclass=homeslice',
]

const deployment = (image: string, network: Network): KubeObject => ({
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
        securityContext: restrictedPod,
        containers: [
          {
            name,
            image,
            imagePullPolicy: 'Never',
            args: args(network),
            workingDir: '/tmp',
            ports: Object.entries(gatewayPorts).map(([port, containerPort]) => ({ name: port, containerPort })),
            resources: { requests: { cpu: '50m', memory: '80Mi' }, limits: { memory: '256Mi' } },
            readinessProbe: { httpGet: { path: '/ping', port: 'metrics' }, periodSeconds: 2 },
            livenessProbe: {
              httpGet: { path: '/ping', port: 'metrics' },
              initialDelaySeconds: 10,
              failureThreshold: 5,
            },
            securityContext: restrictedContainer,
            volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
      },
    },
  },
})

const service = (network: Network): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels },
  spec: {
    clusterIP: network.gateway,
    selector,
    ports: [
      { name: 'http', port: gatewayPorts.http, targetPort: 'http' },
      { name: 'https', port: gatewayPorts.https, targetPort: 'https' },
    ],
  },
})

// The forwarder comes from the node, which policy never keeps from its own pods. No pod may use the gateway
// as a way around its own policy; Traefik reaches DNS and pods, and on the node the API server and services that
// stand on its network.
const policy = (network: Network): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, labels },
  spec: {
    podSelector: { matchLabels: selector },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [
      { to: [{ ipBlock: { cidr: `${network.node}/32` } }], ports: [{ port: 1024, endPort: 65_535, protocol: 'TCP' }] },
      { to: [{ ipBlock: { cidr: network.pods } }] },
    ],
  },
})
