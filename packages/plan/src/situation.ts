import { type KubeObject, redirectsName, simulatedBy } from '@homeslice/render'
import { type Action, type Danger, serviceOf } from './change.ts'
import { renamesIn } from './rename.ts'
import { workloadIn } from './workload.ts'

/** The objects of each service. */
export type Side = ReadonlyMap<string, readonly KubeObject[]>

/** An environment as it is and as it would be, for whoever judges one change of it. */
export type Situation = {
  readonly before: Side
  readonly after: Side
  /** Services that only got another name: the old one to the new one. */
  readonly renames: ReadonlyMap<string, string>
  /** How long services took to start, where that was measured. */
  readonly startSeconds: ReadonlyMap<string, number>
}

/** One change of one object. */
export type Turn = {
  readonly action: Action
  readonly service: string
  readonly kind: string
  /** What is there; absent for a create. */
  readonly before?: KubeObject
  /** What it would become; absent for a delete. */
  readonly after?: KubeObject
}

/** Finds what of one sort is dangerous in a change. */
export type Grader = (turn: Turn, situation: Situation) => Danger[]

/** What both sides of an environment say together. */
export const situationOf = (
  live: readonly KubeObject[],
  next: readonly KubeObject[],
  startSeconds: ReadonlyMap<string, number>,
): Situation => {
  const [before, after] = [Map.groupBy(live, serviceOf), Map.groupBy(next, serviceOf)]
  return { before, after, renames: renamesIn(before, after), startSeconds }
}

/** The objects of a service on one side. */
export const objectsOf = (side: Side, service: string): readonly KubeObject[] => side.get(service) ?? []

/** Whether a service is there: its namespace is. */
export const isThere = (side: Side, service: string): boolean =>
  objectsOf(side, service).some(({ kind }) => kind === 'Namespace')

/** What made the pods of a service until now, also under the name that it had. */
export const workloadBefore = ({ before, renames }: Situation, service: string): KubeObject | undefined => {
  const [old] = [...renames].find(([, name]) => name === service) ?? [service]
  return workloadIn(objectsOf(before, old))
}

/** Where the home file speaks of a service. */
export const placeOf = (service: string, ...rest: readonly (string | number)[]): Danger['at'] => {
  if (service === redirectsName) return ['redirects', ...rest]
  const device = simulatedBy(service)
  return device === undefined ? ['services', service, ...rest] : ['devices', device]
}
