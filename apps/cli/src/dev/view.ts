import { catalog, type Entry, type Operation } from '@homeslice/catalog'
import type { Device } from '@homeslice/config'
import type { Plan, Program } from './plan.ts'
import type { Status } from './supervise.ts'

/** One request that can be sent from the page. */
type Call = {
  readonly method: string
  /** What stands in braces is for the person to fill in. */
  readonly path: string
  readonly summary: string
}

/** What the page shows. */
export type View = {
  readonly home: string
  readonly environment: string
  /** What keeps the home file as it is saved now from being used. */
  readonly problem?: string
  readonly services: readonly (ProgramView & {
    readonly summary: string
    /** At the door, as at the gateway. */
    readonly urls: readonly string[]
    readonly own: string
    readonly metrics: string
    readonly debug?: string
    readonly calls: readonly Call[]
  })[]
  readonly jobs: readonly (ProgramView & { readonly summary: string })[]
  readonly devices: readonly (ProgramView & {
    readonly kind: string
    readonly address: string
    /** As its simulator tells; absent while that cannot be asked. */
    readonly device?: Readonly<Record<string, unknown>>
  })[]
  readonly notRun: Plan['notRun']
  readonly faults: readonly string[]
}

type ProgramView = Status & { readonly name: string }

/** What a view is made of besides the plan. */
export type Facts = {
  readonly statusOf: (name: string) => Status
  readonly devices: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly problem: string | undefined
  readonly door: number
  readonly inspect: { readonly service: string; readonly port: number } | undefined
  readonly faults: readonly string[]
}

/** The whole state of a home for its page. */
export const viewOf = (plan: Plan, facts: Facts): View => {
  const { statusOf, devices, problem, door, inspect, faults } = facts
  const { environment, programs, standIns, notRun } = plan
  const of = (kind: Program['kind']): Program[] => programs.filter((program) => program.kind === kind)
  return {
    home: plan.home,
    environment: environment.name,
    ...(problem === undefined ? {} : { problem }),
    services: of('service').map(({ name, host, port, metricsPort }) => ({
      name,
      ...statusOf(name),
      summary: entryOf(plan, name)?.summary ?? '',
      urls: plan.ways
        .filter(({ service }) => service === name)
        .map(({ prefix }) => `http://127.0.0.1:${door}${prefix}`),
      own: `http://${host}:${port}/`,
      metrics: `http://${host}:${metricsPort}/metrics`,
      ...(inspect?.service === name ? { debug: `127.0.0.1:${inspect.port}` } : {}),
      calls: callsOf(plan, name),
    })),
    jobs: of('job').map(({ name }) => ({ name, ...statusOf(name), summary: entryOf(plan, name)?.summary ?? '' })),
    devices: standIns.map(({ service, kind, name }) => {
      const device = devices.get(name)
      return {
        ...statusOf(service),
        name,
        kind,
        address: programs.find((program) => program.name === service)?.host ?? '',
        ...(device === undefined ? {} : { device }),
      }
    }),
    notRun,
    faults,
  }
}

/** Two services may run one entry, and an entry may run another's image. */
const entryOf = ({ environment }: Plan, service: string): Entry | undefined => {
  const use = environment.services[service]?.use
  return use && catalog.get(use.entry)
}

const devicesOf = ({ environment }: Plan, service: string): Device[] =>
  (environment.services[service]?.devices ?? []).flatMap((name) => environment.devices[name] ?? [])

/**
 * The requests of a service's contract that do something, with every part filled in whose values are known: `{id}` is one
 * of what its settings name by an id, else a device where it drives some.
 */
const callsOf = (plan: Plan, service: string): Call[] => {
  const entry = entryOf(plan, service)
  if (entry === undefined) return []
  // "Any other method" tells only what is refused, and HEAD has nothing to show.
  const named = entry.contract.filter(
    ({ methods, path }) => methods !== 'any' && methods[0] !== 'HEAD' && path !== '*' && !path.endsWith('{anything}'),
  )
  const open = named.length > 0 ? named : entry.paths.map((path) => ({ ...anyPath(entry.contract), path }))
  const ids = idsOf(plan, service, entry)
  return open.flatMap((operation) => {
    const [method = 'GET'] = operation.methods === 'any' ? [] : operation.methods
    const summary = operation.summary.replaceAll('`', '')
    return pathsOf(operation, ids).map((path) => ({ method, path, summary }))
  })
}

const idsOf = (plan: Plan, service: string, entry: Entry): string[] => {
  const settings = plan.environment.services[service]?.use?.settings ?? {}
  const ids = Object.values(settings).flatMap((group: unknown) =>
    Array.isArray(group) ? group.flatMap((one: unknown) => (hasId(one) ? [one.id] : [])) : [],
  )
  return ids.length > 0 || entry.drives.length === 0 ? ids : devicesOf(plan, service).map(({ name }) => name)
}

const hasId = (one: unknown): one is { readonly id: string } =>
  typeof one === 'object' && one !== null && 'id' in one && typeof one.id === 'string'

const anyPath = (contract: readonly Operation[]): Pick<Operation, 'methods' | 'summary' | 'values'> => ({
  methods: contract[0]?.methods ?? 'any',
  summary: contract[0]?.summary ?? '',
})

const pathsOf = ({ path, values = {} }: Pick<Operation, 'path' | 'values'>, ids: readonly string[]): string[] => {
  const choices = Object.entries({ ...(ids.length > 0 ? { id: ids } : {}), ...values })
  return choices.reduce<string[]>(
    (paths, [name, words]) =>
      paths.flatMap((one) =>
        one.includes(`{${name}}`) ? words.map((word) => one.replace(`{${name}}`, encodeURIComponent(word))) : [one],
      ),
    [path],
  )
}
