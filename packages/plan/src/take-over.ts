import type { KubeObject } from '@homeslice/render'
import type { Addition } from './additions.ts'
import { hasKeys, keysOf, type Part } from './compare.ts'
import { type Group, groupAt, groupsAt, isGroup } from './group.ts'
import { fieldManager } from './owned.ts'

/**
 * The managed fields of an object in which all that others added is ours: what we own and do not apply goes with our
 * next apply, in that one write.
 */
export const takenOver = (live: KubeObject, additions: readonly Addition[]): Group[] => {
  const entries = groupsAt(live.metadata, 'managedFields')
  const isOurs = ({ manager, operation, subresource }: Group): boolean =>
    manager === fieldManager && operation === 'Apply' && subresource === undefined
  const paths = additions.map(({ fields }) => fields)
  const ours = entries.find(isOurs) ?? {
    manager: fieldManager,
    operation: 'Apply',
    apiVersion: live.apiVersion,
    time: additions[0]?.by.time,
    fieldsType: 'FieldsV1',
  }
  const others = entries.filter((entry) => entry.subresource !== 'status' && !isOurs(entry))
  const gained = others.flatMap((entry) => paths.flatMap((path) => onlyAt(groupAt(entry, 'fieldsV1'), path)))
  const left = others.flatMap((entry) => {
    const fieldsV1 = paths.reduce<Group>(withoutPath, groupAt(entry, 'fieldsV1'))
    return Object.keys(fieldsV1).length === 0 ? [] : [{ ...entry, fieldsV1 }]
  })
  return [
    { ...ours, fieldsV1: gained.reduce<Group>(merged, groupAt(ours, 'fieldsV1')) },
    ...left,
    ...entries.filter((entry) => entry.subresource === 'status'),
  ]
}

/** Fields with nothing but what lies at a path; none where nothing does. */
const onlyAt = (fields: Group, [field = '', ...rest]: readonly string[]): Group[] => {
  const below = fields[field]
  if (!isGroup(below)) return []
  const kept = rest.length === 0 ? [below] : onlyAt(below, rest)
  return kept.map((one) => ({ [field]: one }))
}

/** Fields without what lies at a path. What has nothing left goes too: without anything below it means all that it holds. */
const withoutPath = (fields: Group, [field = '', ...rest]: readonly string[]): Group => {
  const below = fields[field]
  if (!isGroup(below) || (rest.length > 0 && Object.keys(below).length === 0)) return fields
  const { [field]: _, ...others } = fields
  const left = rest.length === 0 ? {} : withoutPath(below, rest)
  return Object.keys(left).length === 0 ? others : { ...others, [field]: left }
}

const merged = (a: Group, b: Group): Group =>
  Object.entries(b).reduce<Group>((all, [field, below]) => {
    const now = all[field]
    return { ...all, [field]: isGroup(now) && isGroup(below) ? merged(now, below) : below }
  }, a)

/** What an object becomes where it is applied to what is there: what it says wins, what it does not speak of stays. */
export const overlaid = (desired: KubeObject, live: KubeObject): KubeObject => overlay(desired, live) as KubeObject

const overlay = (desired: unknown, live: unknown, list?: Part): unknown => {
  if (isGroup(desired) && isGroup(live)) {
    const own = Object.entries(desired).map(([key, value]) => [key, overlay(value, live[key], key)] as const)
    return { ...live, ...Object.fromEntries(own) }
  }
  if (!Array.isArray(desired) || !Array.isArray(live)) return desired
  return desired.map((item: unknown) => {
    const keys = keysOf(list, item)
    return keys === undefined
      ? item
      : overlay(
          item,
          live.find((one) => hasKeys(one, keys)),
        )
  })
}
