import { catalog, type Wiring } from '@homeslice/catalog'
import { type Environment, type Home, mostPods, type Service } from '@homeslice/config'
import { devicePorts } from './devices.ts'
import {
  contentName,
  hostOf,
  namespaceOf,
  type Owner,
  ownerIn,
  pathName,
  secretNameOf,
  type SecretVersion,
  simulatorOf,
} from './names.ts'

/** Full names of the images of ours, such as `homeslice.local/switches:<tag>`. */
export type Images = Readonly<Record<string, string>>

/** The version that each secret of the vault has now. */
export type SecretVersions = Readonly<Record<string, SecretVersion>>

/** What is rendered besides the home itself. */
export type Sources = { readonly images: Images; readonly secretVersions: SecretVersions }

/** An environment variable of a container. */
export type Variable = { readonly name: string } & ({ readonly value: string } | { readonly secret: string })

/** A file of a container, and the key of the ConfigMap or Secret that holds it. */
export type MountedFile = { readonly path: string; readonly key: string } & (
  | { readonly config: string }
  | { readonly secret: string }
)

/** A port of a pod that others may call, and the port of the Service in front of it. */
type Port = { readonly name: string; readonly port: number; readonly target: number }

/** One service made ready for Kubernetes: every name chosen, every reference resolved. */
export type Workload = {
  readonly owner: Owner
  readonly namespace: string
  readonly service: Service
  readonly image: string
  readonly args: readonly string[] | undefined
  readonly variables: readonly Variable[]
  readonly files: readonly MountedFile[]
  /** ConfigMaps by name, each with its keys. */
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Names of the Secrets that its pods read. */
  readonly secrets: readonly string[]
  /** The Secret that its image is pulled with. */
  readonly pullSecret: string | undefined
  readonly ports: readonly Port[]
  readonly component: string
  /** Its pods get a token for the API server. @default false */
  readonly callsApi?: boolean
}

/** Whether the old version ends before the next one starts. */
export const isReplaced = ({ service, component }: Workload): boolean =>
  Object.keys(service.data).length > 0 || service.host?.network === true || isReplaceable(component)

/** How many of its pods may run at once. */
export const mostPodsOf = (workload: Workload): number =>
  isReplaceable(workload.component) ? 1 : mostPods(workload.service)

/** What nobody misses for a second: simulated devices, and the keeper. */
const isReplaceable = (component: string): boolean => component === 'simulator' || component === 'keeper'

/** The one key of a Secret of the vault. */
export const secretKey = 'value'

/** Resolves a service of an environment. `simulates` names the kind of device that it stands in for. */
export const workloadOf = (home: Home, environment: Environment, service: Service, sources: Sources): Workload => {
  const owner = ownerIn(home, environment)(service.name)
  const { args, env, files } = wiringOf(home, environment, service)
  const { configMaps, mounted } = placeFiles(files, { ...sources, service })
  const variables = variablesOf(env, { home, environment, service, sources })
  const device = Object.values(environment.devices).find(({ name }) => simulatorOf(name) === service.name)
  return {
    owner,
    namespace: namespaceOf(owner),
    service,
    image:
      'ours' in service.image ? (sources.images[service.image.ours] ?? service.image.ours) : service.image.reference,
    args: service.args ?? (args.length > 0 ? args : undefined),
    variables,
    files: mounted,
    configMaps,
    secrets: [
      ...new Set([...variables, ...mounted].flatMap((one) => ('secret' in one ? [one.secret] : []))),
    ].toSorted(),
    pullSecret: pullSecretOf(home, sources),
    ports: portsOf(service, device?.kind),
    component: device === undefined ? 'service' : 'simulator',
  }
}

/** The sandbox pulls without a login. */
const pullSecretOf = ({ cluster }: Home, { secretVersions }: Sources): string | undefined =>
  cluster.context === undefined || cluster.pullSecret === undefined
    ? undefined
    : secretNameOf(cluster.pullSecret, secretVersions[cluster.pullSecret] ?? 0)

const noWiring: Wiring = { args: [], env: {}, files: {} }

const wiringOf = (home: Home, environment: Environment, service: Service): Wiring => {
  const entry = service.use && catalog.get(service.use.entry)
  if (entry === undefined || service.use === undefined) return noWiring
  const own = ownerIn(home, environment)
  return entry.wire(service.use.settings, {
    timezone: home.timezone,
    urlOf: (other) => `http://${hostOf(own(other))}`,
    devices: service.devices
      .map((name) => environment.devices[name])
      .filter((device) => device !== undefined)
      .map(({ name, kind, address, child, simulate }) => ({
        name,
        kind,
        address: simulate ? hostOf(own(simulatorOf(name))) : address,
        ...(child === undefined ? {} : { child }),
      })),
  })
}

type Resolving = {
  readonly home: Home
  readonly environment: Environment
  readonly service: Service
  readonly sources: Sources
}

/** What the home file says wins over what the catalog wires; clocks follow the home unless told otherwise. */
const variablesOf = (wired: Readonly<Record<string, string>>, resolving: Resolving): Variable[] => {
  const { home, environment, service, sources } = resolving
  const own = ownerIn(home, environment)
  const written = Object.entries(service.env).map(([name, value]): Variable => {
    if ('text' in value) return { name, value: value.text }
    if ('service' in value) return { name, value: `http://${hostOf(own(value.service))}` }
    return { name, secret: secretNameOf(value.secret, sources.secretVersions[value.secret] ?? 0) }
  })
  const defaults = Object.entries({ TZ: home.timezone, ...wired }).map(([name, value]) => ({ name, value }))
  const all = new Map([...defaults, ...written].map((variable) => [variable.name, variable]))
  return [...all.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const placeFiles = (
  wired: Readonly<Record<string, string>>,
  { service, secretVersions }: { readonly service: Service; readonly secretVersions: SecretVersions },
): { configMaps: Workload['configMaps']; mounted: MountedFile[] } => {
  const all = Object.entries({
    ...Object.fromEntries(Object.entries(wired).map(([path, text]) => [path, { text }] as const)),
    ...service.files,
  }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const data = Object.fromEntries(
    all.flatMap(([path, value]) => ('text' in value ? [[pathName(path), value.text] as const] : [])),
  )
  const config = contentName(service.name, JSON.stringify(data))
  return {
    configMaps: Object.keys(data).length > 0 ? { [config]: data } : {},
    mounted: all.map(([path, value]) =>
      'text' in value
        ? { path, key: pathName(path), config }
        : { path, key: secretKey, secret: secretNameOf(value.secret, secretVersions[value.secret] ?? 0) },
    ),
  }
}

const portsOf = (service: Service, simulates: keyof typeof devicePorts | undefined): Port[] => {
  if (service.port === undefined || service.schedule !== undefined) return []
  const device = simulates === undefined ? [] : devicePorts[simulates].flatMap(({ first, last }) => range(first, last))
  return [
    { name: 'http', port: 80, target: service.port },
    ...device.map((port) => ({ name: `device-${port}`, port, target: port })),
  ]
}

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)
