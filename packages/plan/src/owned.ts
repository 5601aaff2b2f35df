import type { KubeObject } from '@homeslice/render'
import { groupAt, isGroup } from './group.ts'

/** The name under which we own fields. */
export const fieldManager = 'homeslice'

/** The annotation of every object of ours that says which run wrote it last. It says nothing about what is desired. */
export const writerKey = 'homeslice.dev/writer'

/**
 * Whether we own a field of the live object that is desired no longer: the server would take it away. Managed fields
 * hold one key per field: `f:name`, `k:{"name":"x"}` for an item of a list, `v:"x"` for an item of a set.
 */
export const ownsMoreThan = (desired: KubeObject, live: KubeObject): boolean => {
  const { managedFields } = live.metadata
  const entries = Array.isArray(managedFields) ? managedFields.filter(isGroup) : []
  const ours = entries.find(
    ({ manager, operation, subresource }) => manager === fieldManager && operation === 'Apply' && !subresource,
  )
  const { 'f:data': data, ...fields } = withoutWriter(groupAt(ours, 'fieldsV1'))
  // A Secret is desired without its values; its name holds their version.
  const compared = data === undefined || desired.kind === 'Secret' ? fields : { ...fields, 'f:data': data }
  return exceeds(compared, desired)
}

const withoutWriter = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { 'f:annotations': annotations, ...metadata } = groupAt(fields, 'f:metadata')
  if (!isGroup(annotations)) return fields
  const { [`f:${writerKey}`]: _, ...others } = annotations
  const left = Object.keys(others).filter((key) => key !== '.')
  return { ...fields, 'f:metadata': { ...metadata, ...(left.length === 0 ? {} : { 'f:annotations': others }) } }
}

const exceeds = (fields: Readonly<Record<string, unknown>>, desired: unknown): boolean =>
  Object.entries(fields).some(([field, below]) => {
    if (field === '.') return false
    const value = childOf(field, desired)
    if (value === undefined) return true
    return isGroup(below) && Object.keys(below).length > 0 && exceeds(below, value)
  })

const childOf = (field: string, desired: unknown): unknown => {
  const name = field.slice(2)
  if (field.startsWith('f:')) return isGroup(desired) ? desired[name] : undefined
  const list: readonly unknown[] = Array.isArray(desired) ? desired : []
  const key: unknown = JSON.parse(name)
  if (field.startsWith('v:')) return list.find((item) => item === key)
  return list.find((item) => isGroup(item) && isGroup(key) && hasKeys(item, key))
}

/** Keys that the server fills in by itself, such as a port's protocol, may be missing in what is desired. */
const hasKeys = (item: Readonly<Record<string, unknown>>, key: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(key).every(
    ([name, value]) => item[name] === value || (item[name] === undefined && name === 'protocol'),
  )
