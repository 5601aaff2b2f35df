import { filledByKey, type KubeObject } from '@homeslice/render'
import { keysOf, type Place, toItem, toKey } from './compare.ts'
import { type Group, groupAt, isGroup } from './group.ts'
import { childOf, fieldManager, type Manager, managersOf } from './owned.ts'

/** Something that others put into what we own wholly: with it, the object does something else than was applied. */
export type Addition = Place & {
  readonly by: Manager
  readonly live: unknown
  /** The keys of managed fields on the way there. */
  readonly fields: readonly string[]
}

/**
 * What others added to an object. Labels and annotations are anybody's, at every level; so is how many pods run where
 * that was left open. All else of an object that we apply is ours alone.
 */
export const additionsOf = (applied: KubeObject, live: KubeObject): Addition[] => {
  const filler = applied.metadata.annotations?.[filledByKey]
  return foreignersOf(live)
    .filter(({ manager }) => manager !== filler)
    .flatMap((by) => walk({ by, kind: applied.kind }, by.fields, { applied, live, path: '', parts: [], fields: [] }))
    .filter(({ path }, index, all) => all.findIndex((other) => other.path === path) === index)
}

/** Everybody but us who owns fields of an object; whoever reports how it is says nothing about what it is to be. */
const foreignersOf = (live: KubeObject): Manager[] =>
  managersOf(live).filter(({ manager, subresource }) => !isOurs(manager) && subresource !== 'status')

/** Whether a field manager is one of ours. */
export const isOurs = (manager: string): boolean => manager === fieldManager || manager === `${fieldManager}-touch`

type Walking = { readonly by: Manager; readonly kind: string }
type Here = Place & { readonly applied: unknown; readonly live: unknown; readonly fields: readonly string[] }

const walk = (walking: Walking, fields: Group, here: Here): Addition[] =>
  Object.keys(fields).flatMap((field) => {
    const live = field === '.' ? undefined : childOf(field, here.live)
    if (live === undefined) return []
    const place = placeOf(field, here)
    if (isAnybodys(walking.kind, place)) return []
    const there = { ...place, live, applied: childOf(field, here.applied), fields: [...here.fields, field] }
    return there.applied === undefined ? [found(walking, there)] : walk(walking, groupAt(fields, field), there)
  })

const found = ({ by }: Walking, { path, parts, live, fields }: Here): Addition => ({ path, parts, live, fields, by })

const placeOf = (field: string, here: Here): Place => {
  if (field.startsWith('f:')) return toKey(here, field.slice(2))
  const key: unknown = JSON.parse(field.slice(2))
  if (!isGroup(key)) return { path: `${here.path}[${String(key)}]`, parts: [...here.parts, { value: key }] }
  return toItem(here, keysOf(here.parts.at(-1), childOf(field, here.live)) ?? key)
}

/** What controllers of the cluster fill in, by kind. */
const filledIn: Readonly<Record<string, RegExp>> = {
  // A scaler's, where the home does not say.
  Deployment: /^spec\.replicas$/u,
  // Which volume a claim got, and which claim a volume.
  PersistentVolumeClaim: /^spec\.volumeName$/u,
  PersistentVolume: /^spec\.claimRef\./u,
}

/** What an object and its pods say about themselves, and how it is. */
const anybodys = /^((spec\.(jobTemplate\.(spec\.template\.)?|template\.))?metadata|status)$/u

const isAnybodys = (kind: string, { path }: Place): boolean =>
  anybodys.test(path) || (filledIn[kind]?.test(path) ?? false)

/** What an object would be without what others added. */
export const withoutAdditions = (object: KubeObject, additions: readonly Addition[]): KubeObject =>
  additions.reduce((one, { fields }) => without(one, fields) as KubeObject, object)

const without = (value: unknown, [field = '', ...rest]: readonly string[]): unknown => {
  const child = childOf(field, value)
  if (child === undefined) return value
  if (Array.isArray(value)) {
    return rest.length === 0
      ? value.filter((item) => item !== child)
      : value.map((item: unknown) => (item === child ? without(item, rest) : item))
  }
  const { [field.slice(2)]: _, ...others } = value as Group
  return rest.length === 0 ? others : { ...(value as Group), [field.slice(2)]: without(child, rest) }
}
