import { identityOf, type KubeObject } from '@homeslice/render'
import { serviceOf } from '@homeslice/plan'
import type { Estate } from './applyset.ts'
import { type Hands, remove } from './effects.ts'
import type { Failure } from './failure.ts'
import { kindOf, waves } from './kinds.ts'
import { many } from './many.ts'
import { listParents, writeParents } from './parents.ts'
import { listRecords, removeRecords } from './records.ts'

/** What `destroy` removes and what it keeps: each volume with its namespace, unless its service is allowed by name. */
export const planDestroy = (
  live: readonly KubeObject[],
  allow: readonly string[],
): { readonly kept: KubeObject[]; readonly removed: KubeObject[] } => {
  const volumes = live.filter(
    (object) => object.kind === 'PersistentVolumeClaim' && !allow.includes(`data-loss:${serviceOf(object)}`),
  )
  const namespaces = new Set(volumes.map(({ metadata }) => metadata.namespace))
  const stays = new Set(
    live
      .filter(
        (object) => volumes.includes(object) || (object.kind === 'Namespace' && namespaces.has(object.metadata.name)),
      )
      .map(identityOf),
  )
  return {
    kept: live.filter((object) => stays.has(identityOf(object))),
    removed: live.filter((object) => !stays.has(identityOf(object))),
  }
}

/** What is to be removed, and what stays. */
export type Destroying = {
  readonly estate: Estate
  readonly removed: readonly KubeObject[]
  readonly kept: readonly KubeObject[]
  readonly signal?: AbortSignal
}

/**
 * Removes objects, routes first and namespaces last, then every record, and the parents of sets that are empty now. What
 * is kept needs no record: a volume is all that is left of a version.
 */
export const destroyEnvironment = async (
  hands: Hands,
  { estate, removed, kept, signal }: Destroying,
): Promise<{ readonly ok: true; readonly deleted: number } | Failure> => {
  const [parents, records] = await Promise.all([
    listParents(hands.connection, estate),
    listRecords(hands.connection, estate),
  ])
  if (!parents.ok) return parents
  if (!records.ok) return records
  let deleted = 0
  hands.report({ task: 'changes', state: 'start', detail: `${removed.length} to remove` })
  for (const wave of waves.toReversed()) {
    const inWave = removed.filter((object) => kindOf(object).wave === wave)
    const results = await many(inWave, 16, async (object) => {
      if (signal?.aborted === true) return undefined
      const gone = await remove(hands, object)
      if (!gone.ok) return gone
      deleted += 1
      return undefined
    })
    const failed = results.find((result) => result !== undefined)
    if (failed !== undefined) return failed
  }
  if (signal?.aborted === true) return { ok: true, deleted }
  const forgotten = await removeRecords(hands, records.records)
  if (!forgotten.ok) return forgotten
  const narrowed = await writeParents(hands, estate, { names: [], members: kept })
  if (!narrowed.ok) return narrowed
  hands.report({ task: 'changes', state: 'done', detail: `${deleted} removed` })
  return { ok: true, deleted }
}
