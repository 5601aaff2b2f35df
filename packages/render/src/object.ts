/** A Kubernetes object as plain JSON. */
export type KubeObject = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}

type Identity = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
  }
}

/** Holds a builder to the type it names, so that a misspelt key does not compile, and to a name and labels. */
export const object = <Type extends object>(value: NoInfer<Type> & Identity): KubeObject => value

/** What tells an object from every other: kind, group, namespace and name; the version does not. */
export const identityOf = ({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): string => {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return [kind, group, namespace ?? '', name].join('/')
}

/** By kind, namespace and name: the order in which objects are printed and compared. */
export const inOrder = (objects: readonly KubeObject[]): KubeObject[] =>
  objects
    .map((one) => ({
      one,
      key: [one.kind, one.metadata.namespace ?? '', one.metadata.name, one.apiVersion].join('\0'),
    }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ one }) => one)
