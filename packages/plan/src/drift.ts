import { identityOf, type KubeObject } from '@homeslice/render'
import { additionsOf, isOurs } from './additions.ts'
import { nameOf, type ObjectName, serviceOf } from './change.ts'
import { type Difference, differencesIn, type Part } from './compare.ts'
import { type Manager, managersOf, owns } from './owned.ts'

/**
 * One thing that somebody changed in the cluster since we applied it. `deleted` and `created` are of whole objects, the
 * others of one place in an object.
 */
export type Drift = {
  readonly service: string
  readonly object: ObjectName
  readonly change: 'changed' | 'added' | 'removed' | 'deleted' | 'created'
  /** Where in the object. */
  readonly path?: string
  /** What we applied there, and what stands there now, where that is short; never what a Secret holds. */
  readonly before?: string
  readonly after?: string
  /** The field manager that did it; absent where the server keeps no name: of what is gone. */
  readonly manager?: string
  /** How it did it: `Apply` or `Update`. */
  readonly operation?: string
  /** When that manager last changed the object, ISO 8601. */
  readonly time?: string
}

/**
 * What others changed since we applied `recorded`; `live` are all objects of ours, and those recorded ones that lost
 * the labels of ours. What we own still has the value that we gave it, however the server may write that.
 */
export const driftOf = (recorded: readonly KubeObject[], live: readonly KubeObject[]): Drift[] => {
  const there = new Map(live.map((object) => [identityOf(object), object]))
  const known = new Set(recorded.map(identityOf))
  return [
    ...recorded.flatMap((applied) => driftOfObject(applied, there.get(identityOf(applied)))),
    ...live.filter((object) => !known.has(identityOf(object)) && !isOfOurs(object)).map(createdBy),
  ]
}

/** What is gone with its namespace goes without saying. */
export const withoutObvious = (all: readonly Drift[]): Drift[] => {
  const gone = new Set(
    all.flatMap(({ object, change }) => (object.kind === 'Namespace' && change === 'deleted' ? [object.name] : [])),
  )
  return all.filter(({ object, change }) => change !== 'deleted' || !gone.has(object.namespace ?? ''))
}

const driftOfObject = (applied: KubeObject, live: KubeObject | undefined): Drift[] => {
  const about = aboutOf(applied)
  if (live === undefined) return [{ ...about, change: 'deleted' }]
  const { deletionTimestamp } = live.metadata
  if (typeof deletionTimestamp === 'string') return [{ ...about, change: 'deleted', time: deletionTimestamp }]
  const changes = applied.kind === 'Secret' ? ofSecret(applied, live) : ofContent(applied, live)
  return changes.map((change) => ({ ...about, ...change }))
}

type Change = Omit<Drift, 'service' | 'object'>

const aboutOf = (object: KubeObject): Pick<Drift, 'service' | 'object'> => ({
  service: serviceOf(object),
  object: nameOf(object),
})

const ofContent = (applied: KubeObject, live: KubeObject): Change[] => {
  const managers = managersOf(live)
  const added = additionsOf(applied, live).map(({ path, live: after, by }): Change => ({
    change: 'added',
    path,
    ...shown('after', after),
    ...doneBy(by),
  }))
  return [...differencesIn(applied, live).flatMap((one) => changeAt(one, managers)), ...added]
}

const changeAt = ({ path, parts, desired, live }: Difference, managers: readonly Manager[]): Change[] => {
  if (ownsIt(managers, parts)) return []
  const by = managers.find((one) => !isOurs(one.manager) && owns(one, parts))
  const sides = { ...shown('before', desired), ...shown('after', live) }
  const change = live === undefined ? 'removed' : desired === undefined ? 'added' : 'changed'
  return [{ change, path, ...sides, ...doneBy(by) }]
}

/** A Secret is recorded without its values, and seen without them too: who wrote them tells whether they are ours. */
const ofSecret = (applied: KubeObject, live: KubeObject): Change[] => {
  const managers = managersOf(live)
  const { apiVersion, kind, metadata } = applied
  const labels = differencesIn({ apiVersion, kind, metadata }, live).flatMap((one) => changeAt(one, managers))
  if (hasOurValues(live)) return labels
  const by = managers.find((one) => owns(one, values))
  return [...labels, { change: by === undefined ? 'removed' : 'changed', path: 'data', ...doneBy(by) }]
}

const values = ['data'] as const

/** Whether a Secret holds what we wrote into it. */
export const hasOurValues = (secret: KubeObject): boolean => ownsIt(managersOf(secret), values)

const ownsIt = (managers: readonly Manager[], parts: readonly Part[]): boolean =>
  managers.some((one) => isOurs(one.manager) && owns(one, parts))

const isOfOurs = (object: KubeObject): boolean => managersOf(object).some(({ manager }) => isOurs(manager))

const createdBy = (object: KubeObject): Drift => {
  const [by] = managersOf(object).filter(({ subresource }) => subresource === '')
  return { ...aboutOf(object), change: 'created', ...doneBy(by) }
}

const doneBy = (by: Manager | undefined): Pick<Drift, 'manager' | 'operation' | 'time'> =>
  by === undefined ? {} : { manager: by.manager, operation: by.operation, ...(by.time === '' ? {} : { time: by.time }) }

/** The most letters of a value that are told. */
const most = 80

const shown = (side: 'before' | 'after', value: unknown): Pick<Drift, 'before' | 'after'> => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === undefined || text.length > most ? {} : { [side]: text }
}
