import type { KubeObject } from '@homeslice/render'
import { keysOf } from './compare.ts'
import { type Group, groupsAt, isGroup } from './group.ts'

/** One field that can be owned, by its way in managed fields. */
type Leaf = { readonly fields: readonly string[]; readonly value: unknown }

const leavesOf = (value: unknown, fields: readonly string[], list = ''): Leaf[] => {
  if (isGroup(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, one]) => leavesOf(one, [...fields, `f:${key}`], key))
  }
  const keyed = Array.isArray(value) && value.length > 0 && value.every((item) => keysOf(list, item) !== undefined)
  if (!keyed) return [{ fields, value }]
  return value.flatMap((item) => {
    const field = `k:${JSON.stringify(serverKeys(list, item))}`
    // The item itself is a field too.
    return [{ fields: [...fields, field, '.'], value: true }, ...leavesOf(item, [...fields, field])]
  })
}

/** The server tells ports apart by their protocol too. */
const serverKeys = (list: string, item: unknown): Group => ({
  ...keysOf(list, item),
  ...(list === 'ports' ? { protocol: 'TCP' } : {}),
})

const contentOf = ({ metadata: { labels, annotations }, ...rest }: KubeObject): Group => {
  const told = { ...rest, metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } }
  return Object.fromEntries(Object.entries(told).filter(([key]) => key !== 'apiVersion' && key !== 'kind'))
}

const treeOf = (leaves: readonly Leaf[]): Group => {
  const tree: Record<string, unknown> = {}
  for (const { fields } of leaves) {
    let node = tree
    for (const field of fields) node = (node[field] ??= {}) as Record<string, unknown>
  }
  return tree
}

const keyOf = ({ fields }: Leaf): string => fields.join('\0')

type Who = { readonly manager: string; readonly operation?: 'Apply' | 'Update'; readonly subresource?: string }

/** An object as the server has it once somebody wrote all of it. */
export const writtenBy = (
  object: KubeObject,
  { manager, operation = 'Apply', subresource }: Who = { manager: 'homeslice' },
): KubeObject => {
  const entry = {
    manager,
    operation,
    apiVersion: object.apiVersion,
    time: '2026-01-02T03:04:05Z',
    fieldsType: 'FieldsV1',
    fieldsV1: treeOf(leavesOf(contentOf(object), [])),
    ...(subresource === undefined ? {} : { subresource }),
  }
  return { ...object, metadata: { ...object.metadata, uid: '1', managedFields: [entry] } }
}

/** The same once somebody else made it into another, by the rules of the server: who changes a field owns it from then on. */
export const editedBy = (live: KubeObject, next: KubeObject, who: Who, time = '2026-02-03T04:05:06Z'): KubeObject => {
  const before = new Map(leavesOf(contentOf(live), []).map((leaf) => [keyOf(leaf), JSON.stringify(leaf.value)]))
  const after = leavesOf(contentOf(next), [])
  const same = new Set(after.filter((leaf) => before.get(keyOf(leaf)) === JSON.stringify(leaf.value)).map(keyOf))
  const entries = groupsAt(live.metadata, 'managedFields').map((entry) => ({
    ...entry,
    fieldsV1: treeOf(ownedLeaves(entry.fieldsV1, []).filter((leaf) => same.has(keyOf(leaf)))),
  }))
  const taken = after.filter((leaf) => !same.has(keyOf(leaf)))
  const theirs = { operation: 'Update', ...who, apiVersion: live.apiVersion, time, fieldsV1: treeOf(taken) }
  const managedFields = [...entries, ...(taken.length === 0 ? [] : [theirs])]
  return { ...next, metadata: { ...next.metadata, managedFields } }
}

const ownedLeaves = (tree: unknown, fields: readonly string[]): Leaf[] =>
  isGroup(tree) && Object.keys(tree).length > 0
    ? Object.entries(tree).flatMap(([field, below]) => ownedLeaves(below, [...fields, field]))
    : [{ fields, value: undefined }]
