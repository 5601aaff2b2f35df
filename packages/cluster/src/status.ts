import type { KubeObject } from '@homeslice/render'
import type { Connection } from './connection.ts'
import { allOf, type Failure } from './failure.ts'
import { groupsAt, textAt } from './json.ts'
import { labelsOfEstate, type Estate } from './applyset.ts'
import { kindOf } from './kinds.ts'
import { listKind } from './objects.ts'
import { look } from './ready.ts'

/** One service as the cluster has it. */
export type ServiceStatus = {
  readonly name: string
  readonly ready: boolean
  readonly reason?: string
  readonly image: string
  /** ISO 8601: since when it is as it is. */
  readonly since: string
}

/** How each of these workloads is. */
export const statusOf = async (
  connection: Connection,
  estate: Estate,
  workloads: readonly { readonly name: string; readonly namespace: string }[],
): Promise<{ readonly ok: true; readonly services: ServiceStatus[] } | Failure> => {
  const labels = labelsOfEstate(estate)
  const [looked, ...lists] = await Promise.all([
    look(connection, { workloads, labels }),
    ...[
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'batch/v1', kind: 'CronJob' },
    ].map((kind) => listKind(connection, kindOf(kind), { labels })),
  ])
  if (!looked.ok) return looked
  const listed = allOf(lists)
  if (!listed.ok) return listed
  const objects = listed.all.flatMap((list) => list.objects)
  const services = looked.all.map(({ name, namespace, ready, reason }) => {
    const object = objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
    return { name, ready, ...(reason === undefined ? {} : { reason }), image: imageOf(object), since: sinceOf(object) }
  })
  return { ok: true, services }
}

const imageOf = (object: KubeObject | undefined): string =>
  /"image":"([^"]+)"/u.exec(JSON.stringify(object?.spec ?? {}))?.[1] ?? ''

const sinceOf = (object: KubeObject | undefined): string => {
  const available = groupsAt(object, 'status', 'conditions').find(({ type }) => type === 'Available')
  return textAt(available, 'lastTransitionTime') || textAt(object, 'metadata', 'creationTimestamp')
}
