import type { KubeObject } from '@homeslice/render'
import { hasKeys, type Part } from './compare.ts'
import { type Group, groupAt, groupsAt, isGroup, textAt } from './group.ts'

/** The name under which we own fields. */
export const fieldManager = 'homeslice'

/** The annotation of every object of ours that says which run wrote it last. It says nothing about what is desired. */
export const writerKey = 'homeslice.dev/writer'

/** Who owns fields of an object: an entry of its managed fields. */
export type Manager = {
  readonly manager: string
  /** `Apply` or `Update`. */
  readonly operation: string
  /** Such as `scale`; empty for the object itself. */
  readonly subresource: string
  /** When it last took a field, ISO 8601; empty where the server does not say. */
  readonly time: string
  /** One key per field: `f:name`, `k:{"name":"x"}` for an item of a list, `v:"x"` for an item of a set. */
  readonly fields: Group
}

/** Everybody who owns fields of an object, the latest first. */
export const managersOf = ({ metadata }: KubeObject): Manager[] =>
  groupsAt(metadata, 'managedFields')
    .map((entry) => ({
      manager: textAt(entry, 'manager'),
      operation: textAt(entry, 'operation'),
      subresource: textAt(entry, 'subresource'),
      time: textAt(entry, 'time'),
      fields: groupAt(entry, 'fieldsV1'),
    }))
    .toSorted((a, b) => (a.time > b.time ? -1 : 1))

/** Whether somebody owns what stands at a place. A field with nothing below it is owned with all that it holds. */
export const owns = ({ fields }: Pick<Manager, 'fields'>, parts: readonly Part[]): boolean => {
  let node = fields
  for (const part of parts) {
    const below = childAt(node, part)
    if (below === undefined) return false
    if (Object.keys(below).length === 0) return true
    node = below
  }
  return true
}

const childAt = (fields: Group, part: Part): Group | undefined => {
  const found =
    typeof part === 'string'
      ? fields[`f:${part}`]
      : Object.entries(fields).find(([field]) => typeof part !== 'number' && isItem(field, part))?.[1]
  return isGroup(found) ? found : undefined
}

const isItem = (field: string, keys: Group): boolean =>
  field.startsWith('k:') && hasKeys(JSON.parse(field.slice(2)), keys)

/**
 * Whether we own a field of the live object that is desired no longer: the server would take it away. Managed fields
 * hold one key per field: `f:name`, `k:{"name":"x"}` for an item of a list, `v:"x"` for an item of a set.
 */
export const ownsMoreThan = (desired: KubeObject, live: KubeObject): boolean => {
  const ours = managersOf(live).find(
    ({ manager, operation, subresource }) => manager === fieldManager && operation === 'Apply' && subresource === '',
  )
  const { 'f:data': data, ...fields } = withoutWriter(ours?.fields ?? {})
  // A Secret is desired without its values; its name holds their version.
  const compared = data === undefined || desired.kind === 'Secret' ? fields : { ...fields, 'f:data': data }
  return exceeds(compared, desired)
}

const withoutWriter = (fields: Group): Group => {
  const { 'f:annotations': annotations, ...metadata } = groupAt(fields, 'f:metadata')
  if (!isGroup(annotations)) return fields
  const { [`f:${writerKey}`]: _, ...others } = annotations
  const left = Object.keys(others).filter((key) => key !== '.')
  return { ...fields, 'f:metadata': { ...metadata, ...(left.length === 0 ? {} : { 'f:annotations': others }) } }
}

const exceeds = (fields: Group, desired: unknown): boolean =>
  Object.entries(fields).some(([field, below]) => {
    if (field === '.') return false
    const value = childOf(field, desired)
    if (value === undefined) return true
    return isGroup(below) && Object.keys(below).length > 0 && exceeds(below, value)
  })

/** The value that a key of managed fields speaks of; nothing where there is none. */
export const childOf = (field: string, value: unknown): unknown => {
  const name = field.slice(2)
  if (field.startsWith('f:')) return isGroup(value) ? value[name] : undefined
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const key: unknown = JSON.parse(name)
  if (field.startsWith('v:')) return list.find((item) => item === key)
  return list.find((item) => isGroup(item) && isGroup(key) && hasSameKeys(item, key))
}

/** Keys that the server fills in by itself, such as a port's protocol, may be missing in what is desired. */
const hasSameKeys = (item: Group, key: Group): boolean =>
  Object.entries(key).every(
    ([name, value]) => item[name] === value || (item[name] === undefined && name === 'protocol'),
  )
