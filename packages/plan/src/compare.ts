import type { KubeObject } from '@homeslice/render'
import { isGroup } from './group.ts'
import { sameScalar } from './quantity.ts'

/** The keys by which the API server tells the items of its lists apart; other lists are replaced as a whole. */
const listKeys: ReadonlyMap<string, readonly string[]> = new Map([
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

/**
 * Paths at which a live object differs from what is desired, looking only at what is desired: whatever the server or
 * others filled in besides is theirs. Below a list that is replaced as a whole nobody else owns anything, so there more
 * than what is desired is a difference too. Empty means: as far as can be seen from here, the same.
 */
export const differences = (desired: KubeObject, live: KubeObject): string[] =>
  Object.keys(desired)
    .filter((key) => key !== 'status')
    .flatMap((key) => compare(desired[key], live[key], { path: key, whole: false }))

/** Where a comparison is, and whether what is there has one owner alone. */
type Place = { readonly path: string; readonly whole: boolean }

const compare = (desired: unknown, live: unknown, { path, whole }: Place): string[] => {
  // The server leaves out lists and groups that are empty.
  if (live === undefined && holdsNothing(desired)) return []
  if (Array.isArray(desired)) return Array.isArray(live) ? compareLists(desired, live, { path, whole }) : [path]
  if (isGroup(desired)) {
    if (!isGroup(live)) return [path]
    const below = (key: string): Place => ({ path: `${path}.${key}`, whole })
    const more = whole
      ? Object.keys(live).filter((key) => !(key in desired) && live[key] !== null && !holdsNothing(live[key]))
      : []
    return [
      ...Object.entries(desired).flatMap(([key, value]) => compare(value, live[key], below(key))),
      ...more.map((key) => below(key).path),
    ]
  }
  return sameScalar(desired, live, path) ? [] : [path]
}

const holdsNothing = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isGroup(value) && Object.keys(value).length === 0

const compareLists = (desired: readonly unknown[], live: readonly unknown[], { path, whole }: Place): string[] => {
  const name = path.slice(path.lastIndexOf('.') + 1)
  if (desired.length !== live.length && (whole || !listKeys.has(name))) return [path]
  return desired.flatMap((item, index) => {
    const keys = keysOf(name, item)
    const place = keys === undefined ? String(index) : keys.map((key) => String((item as Group)[key])).join('/')
    const other = keys === undefined ? live[index] : live.find((one) => sameKeys(item, one, keys))
    const inside: Place = { path: `${path}[${place}]`, whole: whole || keys === undefined }
    return other === undefined ? [inside.path] : compare(item, other, inside)
  })
}

type Group = Readonly<Record<string, unknown>>

const keysOf = (name: string, item: unknown): readonly string[] | undefined => {
  if (!isGroup(item)) return undefined
  return name === 'ports' && ('containerPort' in item || 'targetPort' in item) ? portKeys(item) : listKeys.get(name)
}

const sameKeys = (a: unknown, b: unknown, keys: readonly string[]): boolean =>
  isGroup(a) && isGroup(b) && keys.every((key) => a[key] === b[key])
