import { catalog, type Entry } from '@homeslice/catalog'
import type { Cluster, Device, Environment, FileValue, Home, Redirect, Resources, Route, Run, Service } from './home.ts'
import { outsideOf } from './outside.ts'
import { probesOf } from './probes.ts'
import type { WrittenHome, WrittenService } from './schema.ts'

/** What the files named by `from` hold, by the name that was written. */
export type FileTexts = ReadonlyMap<string, string>

/** Fills every default in and applies every environment's overlay. */
export const normalize = (written: WrittenHome, texts: FileTexts = new Map()): Home => ({
  name: written.home.name,
  timezone: written.home.timezone,
  cluster: clusterOf(written.cluster ?? {}),
  environments: Object.fromEntries(
    Object.entries(environmentsOf(written)).map(([name, overlay]) => [
      name,
      environmentOf(written, name, overlay, texts),
    ]),
  ),
})

/** A home that names no environment has one: prod. */
const environmentsOf = ({ environments = {} }: WrittenHome): Record<string, Overlay> =>
  Object.keys(environments).length === 0 ? { prod: {} } : environments

const sandboxGateway = { namespace: 'homeslice-gateway', name: 'homeslice' }

/** What the Traefik of k3s makes of its Gateway when that is turned on, with one listener for plain HTTP. */
const k3sGateway = { namespace: 'kube-system', name: 'traefik-gateway', section: 'web' }

/** In the sandbox the LAN is this machine's loopback: the forwarder tells the gateway who called. */
const clusterOf = ({ gateway, lan, ...rest }: NonNullable<WrittenHome['cluster']>): Cluster => {
  const [itsGateway, itsLan] = rest.context ? [k3sGateway, []] : [sandboxGateway, ['127.0.0.0/8']]
  return defined({ ...rest, gateway: defined(gateway ?? itsGateway), lan: lan ?? itsLan })
}

type Overlay = NonNullable<WrittenHome['environments']>[string]

const environmentOf = (written: WrittenHome, name: string, overlay: Overlay, texts: FileTexts): Environment => {
  const prod = name === 'prod'
  const domain = overlay.domain ?? (prod ? written.home.domain : `${name}.${written.home.domain}`)
  const simulateAll = overlay.simulate ?? !prod
  const services = mergedServices(written, overlay)
  return defined({
    name,
    domain,
    budget: overlay.budget && defined(overlay.budget),
    services: Object.fromEntries(
      services.map(([service, text]) => [
        service,
        serviceOf(service, text, { host: prod ? undefined : domain, texts, simulateAll }),
      ]),
    ),
    devices: Object.fromEntries(
      Object.entries(written.devices ?? {}).map(([device, text]) => [
        device,
        deviceOf(device, text, simulateAll || text.simulate === true),
      ]),
    ),
    redirects: (written.redirects ?? []).flatMap((redirect) => redirectOf(redirect, prod ? undefined : domain)),
  })
}

/** Each service of an environment as it would have been written for it alone. */
export const mergedServices = (written: WrittenHome, overlay: Overlay): (readonly [string, WrittenService])[] =>
  Object.entries(written.services).flatMap(([name, service]) => {
    const changes = overlay.services ?? {}
    const change = Object.hasOwn(changes, name) ? changes[name] : undefined
    if (change === false) return []
    return [[name, change === undefined ? service : (merge(service, change) as WrittenService)] as const]
  })

/** Groups of keys are merged, all else is replaced. A group that names another kind of value replaces it whole. */
const merge = (base: unknown, change: unknown): unknown => {
  if (!isGroup(base) || !isGroup(change)) return change
  const replaced = 'secret' in change || 'service' in change || 'from' in change
  if (replaced) return change
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(change)])].map((key) => [
      key,
      Object.hasOwn(change, key) ? merge(base[key], change[key]) : base[key],
    ]),
  )
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const deviceOf = (name: string, device: NonNullable<WrittenHome['devices']>[string], simulate: boolean): Device =>
  defined({ ...device, name, simulate })

/** Outside prod a path alone would take prod's address, so it gets the environment's own name. */
const redirectOf = (
  { path, host, to }: NonNullable<WrittenHome['redirects']>[number],
  domain: string | undefined,
): Redirect[] => {
  if (domain !== undefined && host !== undefined) return []
  return [defined({ path, host: host ?? domain, to })]
}

type Surroundings = {
  readonly host: string | undefined
  readonly texts: FileTexts
  readonly simulateAll: boolean
}

const serviceOf = (name: string, written: WrittenService, { host, texts, simulateAll }: Surroundings): Service => {
  const entry = written.use === undefined ? undefined : catalog.get(written.use)
  const port = written.port ?? entry?.port
  const { use, ...outside } = outsideOf(entry, written, simulateAll)
  return defined({
    name,
    use,
    image: entry ? { ours: entry.image ?? entry.name } : { reference: written.image ?? '' },
    command: written.command,
    args: written.args,
    env: mapValues(written.env, (value) => (typeof value === 'string' ? { text: value } : value)),
    files: mapValues(written.files, (value) => fileOf(value, texts)),
    port,
    metricsPort: entry?.metricsPort,
    probes: probesOf(written.probes, { port, entry }),
    resources: resourcesOf(written, entry),
    replicas: written.replicas,
    schedule: written.schedule ?? entry?.schedule,
    routes: (written.routes ?? defaultRoutes(entry)).map((route) => routeOf(route, entry, host)),
    needs: [...new Set(written.needs)],
    devices: [...new Set(written.devices)],
    ...outside,
    data: mapValues({ ...entry?.data, ...written.data }, (volume) =>
      typeof volume === 'string' ? { size: volume } : defined(volume),
    ),
    node: written.node ?? {},
    run: runOf(written.run ?? {}),
  })
}

/** Whom containers run as unless told otherwise: an id that no one else on a node has. */
const ownId = 10_001

const runOf = ({ user, group, writable, level, because }: NonNullable<WrittenService['run']>): Run =>
  defined({
    user: user ?? ownId,
    group: group ?? ownId,
    writable: [...new Set(writable)],
    level: level ?? 'restricted',
    because,
  })

type WrittenFile = NonNullable<WrittenService['files']>[string]
type WrittenRoute = NonNullable<WrittenService['routes']>[number]

const defaultRoutes = (entry: Entry | undefined): WrittenRoute[] => {
  if (entry === undefined || entry.paths.length === 0) return []
  return [entry.plainBecause === undefined ? {} : { plain: true, because: entry.plainBecause }]
}

const routeOf = (
  { host, paths, who, because, plain }: WrittenRoute,
  entry: Entry | undefined,
  domain: string | undefined,
): Route =>
  defined({
    host: host ?? domain,
    paths: paths ?? (entry && entry.paths.length > 0 ? entry.paths : ['/']),
    who: who ?? (entry ? 'home' : 'person'),
    because,
    plain: plain ?? false,
  })

const fileOf = (value: WrittenFile, texts: FileTexts): FileValue => {
  if (typeof value === 'string') return { text: value }
  return 'secret' in value ? value : { text: texts.get(value.from) ?? '' }
}

const both = (value: string | { request: string; limit: string }): { request: string; limit: string } =>
  typeof value === 'string' ? { request: value, limit: value } : value

const resourcesOf = ({ resources }: WrittenService, entry: Entry | undefined): Resources => ({
  cpu: both(resources?.cpu ?? entry?.resources.cpu ?? { request: '10m', limit: '500m' }),
  memory: both(resources?.memory ?? entry?.resources.memory ?? { request: '64Mi', limit: '128Mi' }),
  storage: both(resources?.storage ?? { request: '16Mi', limit: '256Mi' }),
})

const mapValues = <From, To>(
  group: Readonly<Record<string, From>> | undefined,
  change: (value: From) => To,
): Record<string, To> => Object.fromEntries(Object.entries(group ?? {}).map(([key, value]) => [key, change(value)]))

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** Leaves out the keys that have no value, so that "absent" has one form. */
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>
