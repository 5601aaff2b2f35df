import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { Environment, Home, Service } from '@homeslice/config'
import { internetBlocks } from './edges.ts'
import { homes, parsed, slowly } from './homes.testing.ts'
import { type Call, type End, podOf, reaches } from './reach.testing.ts'
import { homeAt, homeWith, type Loose, renderSample } from './samples.testing.ts'

const gatewayOf = ({ cluster }: Home): End => ({
  namespace: cluster.context === undefined ? 'homeslice-gateway' : 'kube-system',
  labels: { 'app.kubernetes.io/name': 'traefik' },
})
const dns: End = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }
const stranger: End = { namespace: 'default', labels: { 'app.kubernetes.io/name': 'alpha' } }
const ports = [22, 80, 443, 1400, 1443, 2222, 8000, 8080, 8581, 9000, 9999, 49_151, 49_153, 49_155, 49_156] as const
const devicePorts: Loose = { kasa: [80, 9999], wemo: [49_151, 49_153, 49_155], sonos: [1400, 1443] }
const simulatorPorts: Loose = {
  ...devicePorts,
  kasa: [8080, 9999],
  lamarzocco: [8080],
  git: [2222],
  'playlist-page': [8080],
  todoist: [8080],
}

/** Whether a service is to reach the internet: asked for, or because a real cloud is there. */
const isOnline = (
  { egress, use, simulate, devices: driven }: Service,
  devices: Environment['devices'],
  lan: readonly string[],
): boolean => {
  const backs = /^(backup-|sonos)/u.test(use?.entry ?? '') && !simulate
  const brews = driven.includes('machine') && devices.machine?.simulate === false
  return (egress.internet || backs || brews) && !lan.includes('0.0.0.0/0')
}

type Expected = { readonly from: End; readonly to: End; readonly open: readonly number[] }

const portOf = ({ port, schedule }: Service): number[] => (port === undefined || schedule !== undefined ? [] : [port])

/** What the home file says may be reached, worked out again from the home alone. */
const expectedOf = ({ services, devices }: Environment, gateway: End, lan: readonly string[]): Expected[] =>
  Object.values(services).flatMap((service) => {
    const from = podOf(service.name)
    const guarded = service.routes.some(({ who }) => who === 'home' || who === 'everyone')
    return [
      { from: gateway, to: from, open: guarded ? portOf(service) : [] },
      { from: stranger, to: from, open: [] },
      { from, to: stranger, open: [] },
      ...Object.values(services)
        .filter((other) => other !== service)
        .map((other) => ({
          from,
          to: podOf(other.name),
          open: service.needs.includes(other.name) ? portOf(other) : [],
        })),
      ...Object.values(devices).flatMap(({ name, kind, address, simulate }) => {
        const open = service.devices.includes(name) ? (simulate ? simulatorPorts : devicePorts)[kind] : []
        if (!simulate) return address === undefined ? [] : [{ from, to: { address }, open }]
        const called = service.use?.entry === 'chime' && service.devices.includes(name)
        const simulator = podOf(`device-${name}`)
        return [
          { from, to: simulator, open },
          { from: simulator, to: from, open: called ? portOf(service) : [] },
        ]
      }),
      ...['git', 'playlist-page', 'todoist'].map((kind) => ({
        from,
        to: podOf(`cloud-${kind}`),
        open: service.simulate && service.clouds.some((cloud) => cloud.kind === kind) ? simulatorPorts[kind] : [],
      })),
      { from, to: { address: '1.1.1.1' }, open: isOnline(service, devices, lan) ? ports : [] },
      { from, to: { address: '192.168.1.20' }, open: [] },
      { from, to: { address: '10.96.0.1' }, open: [] },
      { from, to: { address: '169.254.169.254' }, open: [] },
      { from, to: { address: 'fd00::1' }, open: [] },
      {
        from,
        to: { address: '198.51.100.7' },
        open: service.egress.to[0]?.cidr.startsWith('198') ? [443] : [],
      },
    ]
  })

const everything = homeAt('packages/config/fixtures/accept/everything.yaml')

describe('policies', () => {
  test.prop([homes])(
    'let pods reach what is declared and nothing else',
    (home) => {
      const made = parsed(home)
      const { objects } = renderSample(made)
      const { prod } = made.environments
      for (const { from, to, open } of prod ? expectedOf(prod, gatewayOf(made), made.cluster.lan) : []) {
        const got = ports.filter((port) => reaches(objects, { from, to, port }))
        expect({ from, to, got }).toEqual({ from, to, got: open })
      }
    },
    slowly,
  )

  test.prop([homes])(
    'let every pod ask for names, and nothing else of that namespace',
    (home) => {
      const { objects } = renderSample(parsed(home))
      for (const service of Object.keys(home.services)) {
        const from = podOf(service)
        expect(reaches(objects, { from, to: dns, port: 53 })).toBe(true)
        expect(reaches(objects, { from, to: dns, port: 53, protocol: 'UDP' })).toBe(true)
        expect(reaches(objects, { from, to: dns, port: 80 })).toBe(false)
        expect(reaches(objects, { from, to: { namespace: 'kube-system', labels: {} }, port: 53 })).toBe(false)
      }
    },
    slowly,
  )

  test.prop([homes])(
    'have something in both directions, and one label to select by',
    (home) => {
      const { objects } = renderSample(parsed(home))
      for (const { metadata, spec } of objects.filter(({ kind }) => kind === 'NetworkPolicy')) {
        const { podSelector, policyTypes, ingress, egress } = spec as Loose
        expect(policyTypes).toEqual(['Ingress', 'Egress'])
        if (metadata.name === 'default-deny') expect({ podSelector, ingress, egress }).toEqual({ podSelector: {} })
        else
          expect([Object.keys(podSelector.matchLabels).length, ingress.length > 0, egress.length > 0]).toEqual([
            1,
            true,
            true,
          ])
      }
    },
    slowly,
  )
})

describe('the internet', () => {
  const call = (address: string, lan: readonly string[]): boolean => {
    const home = homeWith(
      { one: { image: 'registry.test/x:1', egress: 'internet' } },
      { cluster: { context: 'k3s', lan } },
    )
    return reaches(renderSample(home).objects, { from: podOf('one'), to: { address }, port: 443 })
  }

  it.each([
    ['1.1.1.1', true],
    ['2606:4700::1111', true],
    ['10.0.0.1', false],
    ['172.16.0.1', false],
    ['172.32.0.1', true],
    ['192.168.178.1', false],
    ['100.64.0.1', false],
    ['169.254.169.254', false],
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.251', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['fd12::1', false],
    ['fe80::1', false],
    ['ff02::fb', false],
    ['203.0.113.9', false],
    ['85.240.1.1', true],
  ])('%s: %s', (address, open) => {
    expect(call(address, ['192.168.178.0/24'])).toBe(open)
  })

  it('leaves out the networks of the house, even public ones', () => {
    expect(call('85.240.1.1', ['85.240.0.0/16'])).toBe(false)
    expect(call('2606:4700::1111', ['2606:4700::/32'])).toBe(false)
  })

  it('leaves networks out as the API server takes them, without bits of a host', () => {
    const home = homeWith({}, { cluster: { context: 'k3s', lan: ['85.240.1.1/16', '2606:4700:0::1/32'] } })
    const except = internetBlocks(home).map((block) => block.except)
    expect(except[0]).toContain('85.240.0.0/16')
    expect(except[1]).toContain('2606:4700::/32')
  })

  it('is nowhere when the house claims all of it', () => {
    expect(call('1.1.1.1', ['0.0.0.0/0'])).toBe(false)
    expect(call('2606:4700::1111', ['0.0.0.0/0'])).toBe(true)
    expect(call('1.1.1.1', ['0.0.0.0/0', '::/0'])).toBe(false)
    expect(call('10.0.0.1', ['0.0.0.0/0', '::/0'])).toBe(false)
  })
})

describe('what is evaluated', () => {
  const calls: readonly (readonly [string, Call, boolean])[] = [
    ['buttons needs clocktime', { from: podOf('buttons'), to: podOf('clocktime'), port: 8000 }, true],
    ['not the other way', { from: podOf('clocktime'), to: podOf('buttons'), port: 8000 }, false],
    ['a Wemo device moves within its ports', { from: podOf('switches'), to: podOf('device-lamp'), port: 49_155 }, true],
    [
      'a simulator is told its faults by nobody',
      { from: podOf('switches'), to: podOf('device-lamp'), port: 8000 },
      false,
    ],
    [
      'another environment is far away',
      { from: podOf('buttons', 'staging'), to: podOf('clocktime'), port: 8000 },
      false,
    ],
  ]

  it.each(calls)('in the example home: %s', (_, call, open) => {
    expect(reaches(renderSample(homeAt('home/example.yaml')).objects, call)).toBe(open)
  })

  it('is everything where there is no policy', () => {
    expect(reaches([], { from: stranger, to: podOf('buttons'), port: 1 })).toBe(true)
  })
})

describe('the edges of the home with everything', () => {
  const { edges } = renderSample(everything)

  it('are those to its devices and addresses', () => {
    expect(edges.filter(({ kind }) => kind === 'address')).toEqual([
      { kind: 'address', from: 'backup-todoist', cidr: '192.168.1.5/32', ports: [{ first: 2222, last: 2222 }] },
      {
        kind: 'address',
        from: 'chime',
        cidr: '192.0.2.30/32',
        ports: [
          { first: 1400, last: 1400 },
          { first: 1443, last: 1443 },
        ],
      },
      { kind: 'address', from: 'job', cidr: '192.0.2.7/32', ports: [{ first: 25, last: 25 }] },
      { kind: 'address', from: 'notes', cidr: '192.0.2.0/24', ports: [{ first: 445, last: 445 }] },
      { kind: 'address', from: 'notes', cidr: '2001:db8::/32', ports: [{ first: 443, last: 443 }] },
      {
        kind: 'address',
        from: 'sonos',
        cidr: '192.0.2.30/32',
        ports: [
          { first: 1400, last: 1400 },
          { first: 1443, last: 1443 },
        ],
      },
      {
        kind: 'address',
        from: 'switches',
        cidr: '192.0.2.20/32',
        ports: [
          { first: 9999, last: 9999 },
          { first: 80, last: 80 },
        ],
      },
      { kind: 'address', from: 'switches', cidr: '2001:db8::1/128', ports: [{ first: 49_151, last: 49_155 }] },
    ])
  })

  it('and those between its services and from the gateway', () => {
    expect(edges.flatMap((edge) => (edge.kind === 'service' ? [[edge.from, edge.to]] : []))).toEqual([
      ['backup-guests', 'cloud-git'],
      ['buttons', 'clocktime'],
      ['chime', 'device-den'],
      ['device-den', 'chime'],
      ['homebridge', 'buttons'],
      ['homebridge', 'lmz'],
      ['homebridge', 'sonos'],
      ['homebridge', 'switches'],
      ['sonos', 'device-den'],
      ['web', 'clocktime'],
    ])
    expect(edges.flatMap((edge) => (edge.kind === 'gateway' ? [[edge.to, edge.port]] : []))).toEqual([
      ['buttons', 8000],
      ['chime', 8000],
      ['clocktime', 8000],
      ['homebridge', 8581],
      ['lmz', 8000],
      ['sonos', 8000],
      ['switches', 8000],
      ['web', 8080],
    ])
  })

  it('and to the internet for clouds, as far as they are no simulators and at no address of their own', () => {
    expect(edges.flatMap((edge) => (edge.kind === 'internet' ? [edge.from] : []))).toEqual([
      'backup-todoist',
      'backup-unifi',
      'job',
      'lmz',
      'sonos',
      'web',
    ])
  })

  it('and to the internet for a device that only its cloud reaches', () => {
    const home = homeWith(
      { one: { image: 'registry.test/x:1', devices: ['coffee'] } },
      { devices: { coffee: { kind: 'lamarzocco', account: { secret: 'coffee' } } } },
    )
    expect(renderSample(home).edges).toEqual([{ kind: 'internet', from: 'one' }])
  })
})
