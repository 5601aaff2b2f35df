import type { KubeObject } from '@homeslice/render'
import { type Estate, systemNamespace } from './applyset.ts'
import type { Connection, Places } from './connection.ts'
import { listParents } from './parents.ts'

/**
 * A connection that knows where an environment lies, for those who may not look through the whole cluster: where it is
 * wanted, and where the parents of its sets say that something may be left.
 */
export const within = (connection: Connection, estate: Estate, desired: readonly KubeObject[] = []): Connection => {
  let asked: ReturnType<Places['namespaces']> | undefined
  const namespaces: Places['namespaces'] = () => (asked ??= namespacesOf(connection, estate, desired))
  return { ...connection, places: { namespaces, closed: new Set() } }
}

const namespacesOf = async (
  connection: Connection,
  estate: Estate,
  desired: readonly KubeObject[],
): ReturnType<Places['namespaces']> => {
  const listed = await listParents(connection, estate)
  if (!listed.ok) return listed
  const wanted = desired.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const left = listed.parents.flatMap(({ metadata }) =>
    (metadata.annotations?.['applyset.kubernetes.io/additional-namespaces'] ?? '').split(','),
  )
  return {
    ok: true,
    names: [...new Set([...wanted, ...left])].filter((name) => name !== '' && name !== systemNamespace).toSorted(),
  }
}
