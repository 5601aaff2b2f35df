import { createHash } from 'node:crypto'
import type { KubeObject } from '@homeslice/render'
import { writerKey } from '@homeslice/plan'
import { groupKind } from './kinds.ts'

/** Where parents, leases and records live. */
export const systemNamespace = 'homeslice-system'

/** The version of what we write there; a newer one is refused. */
const formatVersion = 1

const tooling = `homeslice/v${formatVersion}`

/** Where a parent says who wrote it (KEP-3659), and where everything else of ours does. */
const toolingKey = 'applyset.kubernetes.io/tooling'
const formatKey = 'homeslice.dev/format'

/** The annotation that says who wrote a record, in which format. */
export const formatOfRecord = { [formatKey]: tooling } as const

/** The annotation that gives an object a new version and says nothing else. */
export const touchedKey = 'homeslice.dev/touched'

/** The label that says which set an object belongs to (KEP-3659). */
export const partOf = 'applyset.kubernetes.io/part-of'

/** The id that KEP-3659 derives from a parent's name. */
export const setId = (name: string): string => {
  const hash = createHash('sha256').update(`${name}.${systemNamespace}.ConfigMap.`).digest('base64url')
  return `applyset-${hash}-v1`
}

/** An object that says which set it belongs to. */
export const memberOf = (set: string, object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels: { ...object.metadata.labels, [partOf]: setId(set) } },
})

/** Whether an object says that it belongs to a set. */
export const isIn = (set: string, { metadata }: KubeObject): boolean => metadata.labels?.[partOf] === setId(set)

/** Whose home and environment the parents are. */
export type Estate = { readonly home: string; readonly env: string }

/** The parent of a set: it names every kind and namespace in which members may be, so that a dead run's leftovers are found. */
export const parentOf = (set: string, { home, env }: Estate, members: readonly KubeObject[]): KubeObject => {
  const list = (words: readonly (string | undefined)[]): string =>
    [...new Set(words.filter((word) => word !== undefined))].toSorted().join(',')
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: set,
      namespace: systemNamespace,
      labels: {
        'app.kubernetes.io/managed-by': 'homeslice',
        'applyset.kubernetes.io/id': setId(set),
        'homeslice.dev/parent-home': home,
        'homeslice.dev/parent-env': env,
      },
      annotations: {
        [toolingKey]: tooling,
        'applyset.kubernetes.io/contains-group-kinds': list(members.map(groupKind)),
        'applyset.kubernetes.io/additional-namespaces': list(
          members.map(({ kind, metadata }) => (kind === 'Namespace' ? metadata.name : metadata.namespace)),
        ),
      },
    },
  }
}

/** Why a parent or a record must not be touched by this program; nothing if it may. */
export const foreign = ({ metadata: { name, annotations = {} } }: KubeObject): string | undefined => {
  const written = annotations[toolingKey] ?? annotations[formatKey] ?? ''
  const version = Number(/^homeslice\/v(\d+)$/u.exec(written)?.[1])
  if (Number.isNaN(version)) return `${name} belongs to "${written}", not to Homeslice`
  return version > formatVersion ? `${name} was written by a newer Homeslice (format ${version})` : undefined
}

/** The labels that find everything of an environment. */
export const labelsOfEstate = ({ home, env }: Estate): string => `homeslice.dev/home=${home},homeslice.dev/env=${env}`

/** Whether two parents say the same, whoever wrote them. */
export const sameParent = (a: KubeObject, b: KubeObject): boolean => said(a) === said(b)

const said = ({ metadata: { annotations = {} } }: KubeObject): string =>
  JSON.stringify(
    Object.entries(annotations)
      .filter(([key]) => key !== writerKey && key !== touchedKey)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )

/** What services share stands in one set. */
const shared = new Set(['redirects', 'keeper'])

/** The set of an object, by its labels. */
export const setNameOf = ({ metadata: { labels = {} } }: KubeObject): string => {
  const [home, env, service] = ['home', 'env', 'service'].map((key) => labels[`homeslice.dev/${key}`])
  return `${home}-${env}-${shared.has(service ?? '') ? 'platform' : service}`
}
