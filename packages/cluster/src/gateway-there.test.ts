import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { gatewayLacks, urlOfGateway } from './gateway-there.ts'

const name = { namespace: 'kube-system', name: 'traefik-gateway', section: 'web' }
const programmed = [{ type: 'Programmed', status: 'True' }]
const gateway = (listeners: readonly object[], status: object = { conditions: programmed }): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'traefik-gateway', namespace: 'kube-system' },
  spec: { listeners },
  status,
})
const web = (allowedRoutes?: object): object => ({
  name: 'web',
  protocol: 'HTTP',
  ...(allowedRoutes === undefined ? {} : { allowedRoutes }),
})
const from = (selector: object): object => ({ namespaces: { from: 'Selector', selector } })
const all = web({ namespaces: { from: 'All' } })
const ours: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'casa-prod-web', labels: { 'homeslice.dev/home': 'casa' } },
}
const words = (one: KubeObject, named: Parameters<typeof gatewayLacks>[1] = name): string[] =>
  gatewayLacks(one, named, [ours]).map(({ message }) => message)

describe('a Gateway', () => {
  it('that works and takes all routes lacks nothing', () => {
    expect(words(gateway([all]))).toEqual([])
  })

  it.each([
    ['by its name', { matchLabels: { 'kubernetes.io/metadata.name': 'casa-prod-web' } }],
    ['by its home', { matchLabels: { 'homeslice.dev/home': 'casa' } }],
    ['by one of some homes', { matchExpressions: [{ key: 'homeslice.dev/home', operator: 'In', values: ['casa'] }] }],
    [
      'by not being another',
      { matchExpressions: [{ key: 'homeslice.dev/home', operator: 'NotIn', values: ['villa'] }] },
    ],
    ['by being of a home', { matchExpressions: [{ key: 'homeslice.dev/home', operator: 'Exists' }] }],
    ['by being nobody else’s', { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }],
  ])('lets a namespace in %s', (_, selector) => {
    expect(words(gateway([web(from(selector))]))).toEqual([])
  })

  it.each([
    ['says nothing of namespaces', web()],
    ['is for its own namespace', web({ namespaces: { from: 'Same' } })],
    ['selects others', web(from({ matchLabels: { team: 'media' } }))],
    [
      'wants a home of others',
      web(from({ matchExpressions: [{ key: 'homeslice.dev/home', operator: 'In', values: ['villa'] }] })),
    ],
    [
      'wants what a newer API may say',
      web(from({ matchExpressions: [{ key: 'team', operator: 'Like', values: ['x'] }] })),
    ],
  ])('that %s takes none of ours', (_, listener) => {
    expect(words(gateway([listener]))).toEqual([
      'the listener web of the Gateway kube-system/traefik-gateway takes no routes from casa-prod-web',
    ])
  })

  it('says how many namespaces it keeps out', () => {
    const three = ['a', 'b', 'c'].map((one): KubeObject => ({ ...ours, metadata: { name: one } }))
    const [lack] = gatewayLacks(gateway([web()]), name, three)
    expect(lack?.message).toContain('takes no routes from a and 2 more')
  })

  it('for other protocols takes none either', () => {
    const listener = web({ kinds: [{ kind: 'TCPRoute' }], namespaces: { from: 'All' } })
    expect(words(gateway([listener]))).toEqual([
      'the listener web of the Gateway kube-system/traefik-gateway takes no HTTPRoute',
    ])
    const both = web({ kinds: [{ kind: 'HTTPRoute' }], namespaces: { from: 'All' } })
    expect(words(gateway([both]))).toEqual([])
  })

  it('without the listener that is named tells those it has', () => {
    const [lack] = gatewayLacks(gateway([all]), { ...name, section: 'websecure' }, [ours])
    expect(lack).toEqual({
      about: 'gateway',
      message: 'the Gateway kube-system/traefik-gateway has no listener websecure',
      fix: 'name one of its listeners in cluster.gateway.section: web',
    })
    expect(words(gateway([all]), { namespace: 'x', name: 'y' })).toEqual([
      'the Gateway x/y has no listener http or https',
    ])
    expect(words(gateway([{ ...all, name: 'http' }]), { namespace: 'x', name: 'y' })).toEqual([])
  })

  it('that does not work says why', () => {
    const reason = { conditions: [{ type: 'Programmed', status: 'False', message: 'port 8000 is taken' }] }
    expect(words(gateway([all], reason))).toEqual([
      'the Gateway kube-system/traefik-gateway does not work: port 8000 is taken',
    ])
    expect(words(gateway([all], {}))).toEqual([
      'the Gateway kube-system/traefik-gateway does not work: no controller has taken it up',
    ])
  })
})

describe('the URL of a Gateway', () => {
  const service = (type: string, ingress: object[]): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { type },
    status: { loadBalancer: { ingress } },
  })
  const addressed = { conditions: programmed, addresses: [{ type: 'IPAddress', value: '192.0.2.10' }] }
  it.each([
    [
      'its own address',
      gateway([all], addressed),
      [service('LoadBalancer', [{ ip: '192.0.2.11' }])],
      'http://192.0.2.10',
    ],
    [
      'that of its load balancer',
      gateway([all]),
      [service('LoadBalancer', [{ ip: '192.0.2.11' }])],
      'http://192.0.2.11',
    ],
    [
      'the name of its load balancer',
      gateway([all]),
      [service('LoadBalancer', [{ hostname: 'lb.test' }])],
      'http://lb.test',
    ],
    ['an address with colons', gateway([all]), [service('LoadBalancer', [{ ip: 'fd00::1' }])], 'http://[fd00::1]'],
    [
      'TLS where there is nothing else',
      gateway([{ name: 'web', protocol: 'HTTPS' }], addressed),
      [],
      'https://192.0.2.10',
    ],
    ['nothing while it has none', gateway([all]), [service('ClusterIP', []), service('LoadBalancer', [])], undefined],
  ])('is %s', (_, one, services, url) => {
    expect(urlOfGateway(one, name, services)).toBe(url)
  })
})
