import type { Job, Wiring } from '@homeslice/catalog'
import {
  type Environment,
  type FileValue,
  type Home,
  mostPods,
  type Service,
  type Simulator,
  wiringOf,
} from '@homeslice/config'
import { contentName, hostOf, namespaceOf, type Owner, ownerIn, pathName, secretNameOf } from './names.ts'
import { controlPort, simulatorDoors } from './simulators.ts'

/** Full names of the images of ours, such as `homeslice.local/switches:<tag>`. */
export type Images = Readonly<Record<string, string>>

/** The version that each secret of the vault has now. */
export type SecretVersions = Readonly<Record<string, number>>

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
  /** Runs beside the server, with all but its arguments in common. */
  readonly jobs: readonly Job[]
  readonly component: string
  /** Its pods get a token for the API server. @default false */
  readonly callsApi?: boolean
}

/** Whether the old version ends before the next one starts. */
export const isReplaced = ({ service, component }: Workload): boolean =>
  Object.keys(service.data).length > 0 || service.host?.network === true || isReplaceable(component)

/** How many of its pods may run at once. */
export const mostPodsOf = (workload: Workload): number =>
  isReplaceable(workload.component) ? 1 : mostPods(workload.service, workload.jobs.length)

/** What nobody misses for a second: simulators, and the keeper. */
const isReplaceable = (component: string): boolean => component === 'simulator' || component === 'keeper'

/** The one key of a Secret of the vault. */
export const secretKey = 'value'

/** What a service stands in, and with what it is rendered. */
export type Setting = { readonly home: Home; readonly environment: Environment; readonly sources: Sources }

/** Resolves a service of an environment. `simulates` is what it stands in for, if it is a simulator. */
export const workloadOf = (setting: Setting, service: Service, simulates?: Simulator['kind']): Workload => {
  const { home, environment, sources } = setting
  const owner = ownerIn(home, environment)(service.name)
  const own = ownerIn(home, environment)
  const { timezone } = home
  const wiring = wiringOf(service, { environment, timezone, hostOf: (other) => hostOf(own(other)) })
  const { args, env, files, jobs = [] } = wiring
  const { configMaps, mounted } = placeFiles(files, { ...sources, service })
  const variables = variablesOf(env, { ...setting, service })
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
    ports: simulates === undefined ? portsOf(service) : portsOfSimulator(simulates),
    jobs,
    component: simulates === undefined ? 'service' : 'simulator',
  }
}

/** The sandbox pulls without a login. */
const pullSecretOf = ({ cluster }: Home, { secretVersions }: Sources): string | undefined =>
  cluster.context === undefined || cluster.pullSecret === undefined
    ? undefined
    : secretNameOf(cluster.pullSecret, secretVersions[cluster.pullSecret] ?? 0)

type Resolving = Setting & { readonly service: Service }

/** What the home file says wins over what the catalog wires; clocks follow the home unless told otherwise. */
const variablesOf = (wired: Wiring['env'], resolving: Resolving): Variable[] => {
  const { home, environment, service, sources } = resolving
  const own = ownerIn(home, environment)
  const all = { ...asWritten({ TZ: home.timezone, ...wired }), ...service.env }
  return Object.entries(all)
    .map(([name, value]): Variable => {
      if ('text' in value) return { name, value: value.text }
      if ('service' in value) return { name, value: `http://${hostOf(own(value.service))}` }
      return { name, secret: secretNameOf(value.secret, sources.secretVersions[value.secret] ?? 0) }
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** What the catalog wires, in the form of the home file. */
const asWritten = (wired: Wiring['files']): Record<string, FileValue> =>
  Object.fromEntries(
    Object.entries(wired).map(([key, value]) => [key, typeof value === 'string' ? { text: value } : value]),
  )

const placeFiles = (
  wired: Wiring['files'],
  { service, secretVersions }: { readonly service: Service; readonly secretVersions: SecretVersions },
): { configMaps: Workload['configMaps']; mounted: MountedFile[] } => {
  const all = Object.entries({ ...asWritten(wired), ...service.files }).toSorted(([a], [b]) => (a < b ? -1 : 1))
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

const portsOf = ({ port, schedule }: Service): Port[] =>
  port === undefined || schedule !== undefined ? [] : [{ name: 'http', port: 80, target: port }]

const portsOfSimulator = (kind: Simulator['kind']): Port[] => [
  { name: 'control', port: controlPort, target: controlPort },
  ...simulatorDoors[kind].flatMap(({ first, last, insteadOf }) =>
    range(first, last).map((target) => ({ name: `device-${target}`, port: insteadOf ?? target, target })),
  ),
]

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)
