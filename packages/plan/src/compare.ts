import type { KubeObject } from '@homeslice/render'
import { type Group, isGroup } from './group.ts'
import { sameScalar } from './quantity.ts'

/** The keys by which the API server tells the items of its lists apart; other lists are replaced as a whole. */
const listKeys: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['containers', ['name']],
  ['initContainers', ['name']],
  ['volumes', ['name']],
  ['env', ['name']],
  ['volumeMounts', ['mountPath']],
  ['imagePullSecrets', ['name']],
  ['topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
])

/** A Service's ports are told apart by number, a container's by number and protocol. */
const portKeys = (item: Readonly<Record<string, unknown>>): readonly string[] =>
  'containerPort' in item ? ['containerPort'] : ['port']

/** One step into an object: a key of a group, what tells an item of a list apart, or its number in the list. */
export type Part = string | Group | number

/** A place in an object, as people read it and as steps on the way there. */
export type Place = { readonly path: string; readonly parts: readonly Part[] }

/** Where a live object differs from what is desired, and what stands there on either side. */
export type Difference = Place & { readonly desired: unknown; readonly live: unknown }

/**
 * Paths at which a live object differs from what is desired, looking only at what is desired: whatever the server or
 * others filled in besides is theirs. Below a list that is replaced as a whole nobody else owns anything, so there more
 * than what is desired is a difference too. Empty means: as far as can be seen from here, the same.
 */
export const differences = (desired: KubeObject, live: KubeObject): string[] =>
  differencesIn(desired, live).map(({ path }) => path)

/** The same, with what stands there. */
export const differencesIn = (desired: KubeObject, live: KubeObject): Difference[] =>
  Object.keys(desired)
    .filter((key) => key !== 'status')
    .flatMap((key) => compare(desired[key], live[key], { path: key, parts: [key], whole: false }))

/** A key of the group at a place. */
export const toKey = ({ path, parts }: Place, key: string): Place => ({
  path: path === '' ? key : `${path}.${key}`,
  parts: [...parts, key],
})

/** An item of the list at a place: that with these keys, or the one in this order. */
export const toItem = ({ path, parts }: Place, item: Group | number): Place => {
  const words = typeof item === 'number' ? String(item) : Object.values(item).map(String).join('/')
  return { path: `${path}[${words}]`, parts: [...parts, item] }
}

/** Where a comparison is, and whether what is there has one owner alone. */
type Here = Place & { readonly whole: boolean }

const compare = (desired: unknown, live: unknown, here: Here): Difference[] => {
  const { path, parts, whole } = here
  const differs = [{ path, parts, desired, live }]
  // The server leaves out lists and groups that are empty.
  if (live === undefined && holdsNothing(desired)) return []
  if (Array.isArray(desired)) return Array.isArray(live) ? compareLists(desired, live, here) : differs
  if (isGroup(desired)) {
    if (!isGroup(live)) return differs
    const more = whole
      ? Object.keys(live).filter((key) => !(key in desired) && live[key] !== null && !holdsNothing(live[key]))
      : []
    return [
      ...Object.entries(desired).flatMap(([key, value]) => compare(value, live[key], { ...toKey(here, key), whole })),
      ...more.map((key) => ({ ...toKey(here, key), desired: undefined, live: live[key] })),
    ]
  }
  return sameScalar(desired, live, path) ? [] : differs
}

const holdsNothing = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isGroup(value) && Object.keys(value).length === 0

const compareLists = (desired: readonly unknown[], live: readonly unknown[], here: Here): Difference[] => {
  const { path, parts, whole } = here
  const name = parts.at(-1)
  const isKeyed = listKeys.has(name) || desired.some((item) => keysOf(name, item) !== undefined)
  if (desired.length !== live.length && (whole || !isKeyed)) return [{ path, parts, desired, live }]
  return desired.flatMap((item, index) => {
    const keys = keysOf(name, item)
    const other = keys === undefined ? live[index] : live.find((one) => hasKeys(one, keys))
    const there = toItem(here, keys ?? index)
    return other === undefined
      ? [{ ...there, desired: item, live: other }]
      : compare(item, other, { ...there, whole: whole || keys === undefined })
  })
}

/** What tells an item of a list apart; nothing where the list is replaced as a whole. */
export const keysOf = (list: Part | undefined, item: unknown): Group | undefined => {
  if (!isGroup(item)) return undefined
  const isPort = list === 'ports' && ('containerPort' in item || 'targetPort' in item)
  const names = isPort ? portKeys(item) : listKeys.get(list)
  return names && Object.fromEntries(names.map((name) => [name, item[name]]))
}

/** Whether an item of a list has these keys. */
export const hasKeys = (item: unknown, keys: Group): boolean =>
  isGroup(item) && Object.entries(keys).every(([key, value]) => item[key] === value)
