import { createHash } from 'node:crypto'
import { type Environment, type Home, simulatorsIn } from '@homeslice/config'
import { type Edge, edgesOf } from './edges.ts'
import { configMapObjects, secretObjects } from './files.ts'
import { namespaceObject, serviceAccountObject } from './identity.ts'
import { ownerIn, setOf } from './names.ts'
import { policyObjects } from './network.ts'
import { inOrder, type KubeObject } from './object.ts'
import { limitRangeObject, quotaObject } from './quota.ts'
import { closedRedirects, redirectObjects } from './redirect.ts'
import { type ClosedRoute, closedRoutes, routeObjects } from './route.ts'
import { disruptionObjects, runningObjects } from './running.ts'
import { serviceObjects } from './service.ts'
import { simulatorService } from './simulators.ts'
import { storageObjects } from './storage.ts'
import { type Sources, type Workload, workloadOf } from './workload.ts'

/** Objects and edges that another package adds before network policy is made. */
export type Part = (
  home: Home,
  environment: Environment,
) => {
  readonly objects: readonly KubeObject[]
  readonly edges: readonly Edge[]
  /** What of it should become ready. @default none */
  readonly workloads?: readonly Workload[]
}

/** A home in one environment, as Kubernetes objects. */
export type Rendered = {
  /** All of them, sorted by kind, namespace and name. */
  readonly objects: readonly KubeObject[]
  /** The same by set: one per service and simulator, and `<home>-<env>-platform` for the shared ones. */
  readonly sets: Readonly<Record<string, readonly KubeObject[]>>
  /** The services that should become ready, simulators and what parts add among them. */
  readonly workloads: readonly Workload[]
  readonly edges: readonly Edge[]
  /** Routes that stay closed because nothing can guard them yet. */
  readonly closed: readonly ClosedRoute[]
}

/** Turns a home into objects. The same input gives the same bytes. Throws if the environment does not exist: a bug of the caller. */
export const render = (
  home: Home,
  { env, parts = [], ...sources }: Sources & { readonly env: string; readonly parts?: readonly Part[] },
): Rendered => {
  const environment = home.environments[env]
  if (environment === undefined) throw new Error(`there is no environment ${env}`)
  const setting = { home, environment, sources }
  const workloads = [
    ...Object.values(environment.services).map((service) => workloadOf(setting, service)),
    ...simulatorsIn(environment).map((one) => workloadOf(setting, simulatorService(one), one.kind)),
  ].toSorted(byName)
  const added = parts.map((part) => part(home, environment))
  const edges = [...edgesOf(workloads, home, environment), ...added.flatMap((part) => part.edges)]
  const platform = [...redirectObjects(home, environment), ...added.flatMap(({ objects }) => objects)]
  const sets = Object.fromEntries([
    ...workloads.map(
      (workload) => [setOf(workload.owner), inOrder(objectsOf(workload, { home, environment, edges }))] as const,
    ),
    ...(platform.length > 0 ? [[setOf(ownerIn(home, environment)('platform')), inOrder(platform)] as const] : []),
  ])
  return {
    objects: inOrder(Object.values(sets).flat()),
    sets,
    workloads: [...workloads, ...added.flatMap((part) => part.workloads ?? [])],
    edges,
    closed: [...workloads.flatMap((workload) => closedRoutes(workload, home)), ...closedRedirects(home, environment)],
  }
}

const byName = (a: Workload, b: Workload): number => (a.service.name < b.service.name ? -1 : 1)

type Around = { readonly home: Home; readonly environment: Environment; readonly edges: readonly Edge[] }

/** Everything that follows from one service, concern by concern; the network last, when all edges are known. */
const objectsOf = (workload: Workload, { home, environment, edges }: Around): KubeObject[] => [
  namespaceObject(workload, home),
  serviceAccountObject(workload),
  quotaObject(workload, environment),
  limitRangeObject(workload),
  ...configMapObjects(workload),
  ...secretObjects(workload),
  ...storageObjects(workload, home),
  ...runningObjects(workload, home.timezone),
  ...serviceObjects(workload),
  ...routeObjects(workload, home),
  ...disruptionObjects(workload),
  ...policyObjects(workload, edges, home),
]

/** What tells two versions of a service apart: the first 12 hex digits of the hash of its objects. */
export const versionOf = (objects: readonly KubeObject[]): string =>
  createHash('sha256')
    .update(JSON.stringify(sortedKeys(inOrder(objects))))
    .digest('hex')
    .slice(0, 12)

const sortedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sortedKeys(one)]),
  )
}
