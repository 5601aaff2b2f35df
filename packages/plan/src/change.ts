import type { KubeObject } from '@homeslice/render'

/** How dangerous a change is. */
export type Grade = 'data-loss' | 'routine'

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
}

/** A change that waits to be allowed by name. */
export type Stopped = { readonly grade: Grade; readonly subject: string; readonly allow: string }

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
