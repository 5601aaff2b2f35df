import { fc } from '@fast-check/vitest'
import type { Home } from '@homeslice/config'
import { homeOf, type Loose } from './samples.testing.ts'

const names = ['alpha', 'beta', 'gamma', 'delta'] as const

const service = fc.record({
  name: fc.constantFrom(...names),
  sort: fc.constantFrom(
    'ours',
    'image',
    'image',
    'scheduled',
    'worker',
    'chime',
    'machine',
    'backup',
    'folder',
    'sonos',
    'bridge',
  ),
  simulate: fc.boolean(),
  needs: fc.uniqueArray(fc.constantFrom(...names)),
  replicas: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  data: fc.boolean(),
  secret: fc.boolean(),
  who: fc.constantFrom('home', 'person', 'key', 'everyone', undefined),
  egress: fc.constantFrom('none', 'internet', ['198.51.100.7/32:443'], ['2001:db8::/32:443']),
  host: fc.constantFrom('none', 'none', 'folders', 'network'),
  level: fc.constantFrom('restricted', 'restricted', 'baseline', 'privileged'),
  writable: fc.subarray(['/tmp', '/var/run', '/Var/Run', '/var-run']),
  probe: fc.constantFrom(undefined, { http: '/live', port: 8081 }, { tcp: true }, { command: ['true'] }),
})

/** A random valid home as it is written: every sort of service with random edges, volumes, routes and secrets. */
export const homes: fc.Arbitrary<Loose> = fc
  .record({
    devices: fc.dictionary(
      fc.constantFrom('lamp', 'porch'),
      fc.record({ kind: fc.constantFrom('kasa', 'wemo'), simulate: fc.boolean() }),
    ),
    others: fc.record({ speaker: fc.boolean(), machine: fc.boolean() }),
    services: fc.uniqueArray(service, { selector: ({ name }) => name, minLength: 1 }),
    lan: fc.constantFrom(['192.0.2.0/24'], ['198.51.100.0/24', 'fd00::/8'], ['0.0.0.0/0']),
    budget: fc.constantFrom(undefined, { cpu: '64', memory: '64Gi' }),
    redirect: fc.boolean(),
  })
  .map(({ devices, others, services, lan, budget, redirect }) => ({
    version: 1,
    home: { name: 'casa', timezone: 'UTC', domain: 'casa.test' },
    cluster: { context: 'k3s', lan },
    environments: { prod: budget ? { budget } : {}, dev: {} },
    devices: {
      speaker: { kind: 'sonos', address: '192.0.2.30', simulate: others.speaker },
      machine: { kind: 'lamarzocco', account: { secret: 'key' }, simulate: others.machine },
      ...Object.fromEntries(
        Object.entries(devices).map(([name, device], index) => [name, { ...device, address: `192.0.2.${index + 1}` }]),
      ),
    },
    services: Object.fromEntries(services.map((one) => [one.name, written(one, services, Object.keys(devices))])),
    ...(redirect ? { redirects: [{ path: '/old', to: 'https://192.0.2.1:8443/' }] } : {}),
  }))

type Place = { readonly needs: readonly string[]; readonly devices: readonly string[]; readonly route: object }

/** Services of the catalog by their sort. */
const catalogued: Readonly<Record<string, (one: Loose, place: Place) => Loose>> = {
  ours: (_, { needs, devices, route }) => ({ use: 'switches', needs, devices, ...route }),
  chime: (_, { route }) => ({ use: 'chime', devices: ['speaker'], settings: chimes, ...route }),
  machine: (_, { route }) => ({
    use: 'lmz',
    devices: ['machine'],
    settings: { installationKey: { secret: 'key' } },
    ...route,
  }),
  sonos: ({ simulate }, { route }) => ({ use: 'sonos', devices: ['speaker'], simulate, settings: curations, ...route }),
  bridge: ({ simulate }, { needs, route }) => ({ use: 'homebridge', simulate, needs, ...route }),
  backup: ({ simulate }) => ({
    use: 'backup-todoist',
    simulate,
    settings: { ...repository, token: { secret: 'token' } },
  }),
  folder: ({ simulate }) => ({ use: 'backup-unifi', simulate, settings: repository }),
}

const written = (one: Loose, all: readonly Loose[], devices: readonly string[]): Loose => {
  const callable = all.filter(
    ({ name, sort }) => name !== one.name && !['scheduled', 'worker', 'backup', 'folder'].includes(sort),
  )
  const needs = one.needs.filter((need: string) => callable.some(({ name }) => name === need))
  const route =
    one.who === undefined ? { routes: [] } : { routes: [{ paths: [`/${one.name}`], who: one.who, because: 'test' }] }
  const ofCatalog = catalogued[one.sort]
  if (ofCatalog !== undefined) return ofCatalog(one, { needs, devices, route })
  const image = {
    image: 'registry.test:5000/x:1',
    needs,
    egress: one.egress,
    run: { level: one.level, writable: one.writable, because: 'test' },
    ...(one.data ? { data: { '/data': '1Gi', '/data-2': { size: '2Gi', class: 'big' } } } : {}),
    ...(one.secret ? secrets : {}),
    ...hosts[one.host as keyof typeof hosts],
  }
  if (one.sort === 'scheduled') return { ...image, schedule: '0 4 * * *' }
  const replicas = one.data || one.replicas === undefined ? {} : { replicas: one.replicas }
  if (one.sort === 'worker') return { ...image, ...replicas }
  return { ...image, ...replicas, port: 8080, ...route, ...(one.probe ? { probes: { liveness: one.probe } } : {}) }
}

const chimes = {
  address: 'http://192.0.2.10',
  chimes: ['Tea', 'Bed'].map((title) => ({ title, sound: 'a.mp3', schedule: '0 8 * * *', zones: ['speaker'] })),
}
const curations = { playlists: [{ id: 'one', shareLink: 'https://music.apple.com/us/playlist/one/pl.one' }] }
const repository = {
  remote: 'git@git.test:casa/backups.git',
  key: { secret: 'key' },
  knownHosts: 'git.test ssh-ed25519 AAAA',
}

const secrets = {
  env: { TOKEN: { secret: 'token' } },
  files: { '/etc/key': { secret: 'key' }, '/etc/token': { secret: 'token' }, '/etc/conf': 'a' },
}

const hosts = {
  none: {},
  folders: { host: { folders: { '/in': '/srv/in', '/in-2': '/srv/in' }, because: 'test' } },
  network: { host: { network: true, because: 'test' } },
}

/** How long a test of many homes may take on a busy machine, in milliseconds. */
export const slowly = 180_000

/** What was written, parsed. */
export const parsed = (home: Loose): Home => homeOf(JSON.stringify(home))

/** The same value with the keys of every group in another order. */
export const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, turned(one)]),
  )
}
