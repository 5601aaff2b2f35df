import type { KubeObject } from '@homeslice/render'

/** How dangerous a change is, the worst first. The first two stop until they are allowed by name. */
export const grades = ['data-loss', 'exposure', 'downtime', 'permission', 'reachability', 'cost', 'routine'] as const

/** One of them. */
export type Grade = (typeof grades)[number]

/** What happens to one object. `replace` deletes and makes it anew, where the server allows no other way. */
export type Action = 'create' | 'update' | 'replace' | 'delete'

/** An object by name, as tools read it. */
export type ObjectName = {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
}

/** One change of a plan. */
export type Change = {
  readonly object: ObjectName
  readonly action: Action
  readonly grades: readonly Grade[]
  /** In words for people. */
  readonly reason: string
  /** How long the service is away at most; absent where it is not, and where it does not come back. */
  readonly downtimeSeconds?: number
}

/** One thing that makes a change more than routine. */
export type Danger = {
  readonly grade: Exclude<Grade, 'routine'>
  /** A sentence for the people of the house. */
  readonly words: string
  /** The service that it befalls, or `redirects`. */
  readonly service: string
  /** The path of the home file that causes it, as it stands without environments. */
  readonly at: readonly (string | number)[]
  /** Nothing is changed before this is allowed by name. */
  readonly stops?: true
  /** How long the service is away at most. */
  readonly seconds?: number
}

/** A change that waits to be allowed by name. */
export type Stopped = { readonly grade: Grade; readonly subject: string; readonly allow: string }

/** Where in the order of grades something stands. */
export const rankOf = (grade: Grade): number => grades.indexOf(grade)

/** The name of an object. */
export const nameOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): ObjectName => ({
  apiVersion,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  name,
})

/** An object in words: its kind and its place. */
export const inWords = ({ kind, namespace, name }: ObjectName): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`

/** The service that an object belongs to. */
export const serviceOf = ({ metadata }: KubeObject): string =>
  metadata.labels?.['homeslice.dev/service'] ?? metadata.name
