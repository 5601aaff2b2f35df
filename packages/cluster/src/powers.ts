import type { KubeObject } from '@homeslice/render'
import { systemNamespace } from './applyset.ts'
import { groupOf, isRight, kindOf, kinds } from './kinds.ts'

/** Something that one must be allowed to do. */
export type Power = {
  readonly verb: string
  /** Empty for the core group. */
  readonly group: string
  /** In the plural, with its subresource: `pods/log`. */
  readonly resource: string
  /** Absent: across the whole cluster. */
  readonly namespace?: string
}

const inGroup = (group: string, resource: string, verbs: string): Omit<Power, 'namespace'>[] =>
  verbs.split(' ').map((verb) => ({ verb, group, resource }))

const write = 'get list create patch delete'

/** What it takes to keep an object of each kind as it is declared: server-side apply is a patch, or a create. */
const keeping = kinds
  .filter((kind) => kind.namespaced && !isRight(kind))
  .flatMap((kind) => inGroup(groupOf(kind), kind.plural, write))

/** Rights in the cluster, which only the keeper has: whoever may write them is given them by whoever runs the cluster. */
const rights = kinds.filter((kind) => kind.namespaced && isRight(kind))

/** What is looked at besides: rights, and whether a service is ready, why not, and what it says. */
const looking = [
  ...inGroup('', 'pods', 'get list'),
  ...inGroup('', 'pods/log', 'get'),
  ...inGroup('', 'events', 'list'),
  ...inGroup('batch', 'jobs', 'list'),
  ...rights.flatMap((kind) => inGroup(groupOf(kind), kind.plural, 'get list')),
]

/** What is done in a namespace of a home. */
export const inHome: readonly Omit<Power, 'namespace'>[] = [...keeping, ...looking]

/** What is done in our own namespace: parents of sets, records of versions, and leases. */
export const inSystem: readonly Omit<Power, 'namespace'>[] = [
  ...inGroup('', 'configmaps', write),
  ...inGroup('', 'secrets', write),
  ...inGroup('coordination.k8s.io', 'leases', 'get create update'),
  ...rights.flatMap((kind) => inGroup(groupOf(kind), kind.plural, 'get')),
]

/** What a rendering is looked at for before the first write. */
export type Needing = {
  readonly desired: readonly KubeObject[]
  /** Namespaces that are to be made. */
  readonly newNamespaces: readonly string[]
  /** Namespaces whose labels are to be changed. */
  readonly changedNamespaces: readonly string[]
}

/** Every power that it takes to bring a rendering about: no more than its own kinds, in its own namespaces. */
export const powersFor = ({ desired, newNamespaces, changedNamespaces }: Needing): Power[] => {
  const namespaces = desired.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const used = (namespace: string): Set<string> =>
    new Set(desired.filter(({ metadata }) => metadata.namespace === namespace).map((object) => kindOf(object).plural))
  const inNamespace = (namespace: string): Power[] => {
    const mine = used(namespace)
    // Every kind is looked for, since something of it may be left from before; only what is wanted is written.
    const needed = inHome.filter(({ verb, resource }) => verb === 'list' || mine.has(resource) || isLooking(resource))
    return needed.map((power) => ({ ...power, namespace }))
  }
  return [
    ...inSystem.map((power) => ({ ...power, namespace: systemNamespace })),
    ...(newNamespaces.length > 0 ? inGroup('', 'namespaces', 'create') : []),
    // To a right, a namespace lies in itself.
    ...changedNamespaces.flatMap((namespace) =>
      inGroup('', 'namespaces', 'patch').map((power) => ({ ...power, namespace })),
    ),
    ...(desired.some(({ kind }) => kind === 'PersistentVolume') ? inGroup('', 'persistentvolumes', write) : []),
    ...namespaces.flatMap(inNamespace),
  ]
}

const isLooking = (resource: string): boolean => looking.some((one) => one.resource === resource)

/** Powers as people read them, a line for those that are alike: `create and patch deployments.apps in casa-prod-web`. */
export const powersInWords = (powers: readonly Power[]): string[] => {
  const verbs = gather(
    powers,
    ({ namespace = '', ...power }) => `${namespace} ${nameOfResource(power)}`,
    ({ verb }) => verb,
  )
  const things = gather(
    [...verbs],
    ([key, may]) => `${allOf(may)}|${key.split(' ')[0]}`,
    ([key]) => key.split(' ')[1] ?? '',
  )
  const places = gather(
    [...things],
    ([key, resources]) => `${key.split('|')[0]} ${allOf(resources)}`,
    ([key]) => key.split('|')[1] ?? '',
  )
  return [...places].map(([what, namespaces]) =>
    namespaces.includes('') ? `${what} in the whole cluster` : `${what} in ${few(namespaces)}`,
  )
}

/** Different values of items that have a key in common. */
const gather = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  valueOf: (item: Item) => string,
): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const item of items) {
    const values = found.get(keyOf(item)) ?? []
    if (!values.includes(valueOf(item))) values.push(valueOf(item))
    found.set(keyOf(item), values)
  }
  return found
}

const nameOfResource = ({ group, resource }: Omit<Power, 'namespace'>): string =>
  group === '' ? resource : `${resource}.${group}`

const allOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

const few = (names: readonly string[]): string =>
  names.length <= 3 ? allOf(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} other namespaces`
