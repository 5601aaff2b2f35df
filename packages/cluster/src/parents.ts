import type { KubeObject } from '@homeslice/render'
import type { Connection } from './connection.ts'
import { type Estate, foreign, parentOf, partOf, sameParent, setId, systemNamespace } from './applyset.ts'
import { type Hands, put, remove } from './effects.ts'
import { failure, type Failure } from './failure.ts'
import { kindOf } from './kinds.ts'
import { many } from './many.ts'
import { listKind } from './objects.ts'

type Done = { readonly ok: true } | Failure

const atOnce = 16

/** The parents of an environment as they are, or why this program must not touch one. */
export const listParents = async (
  connection: Connection,
  { home, env }: Estate,
): Promise<{ readonly ok: true; readonly parents: KubeObject[] } | Failure> => {
  const listed = await listKind(connection, kindOf({ apiVersion: 'v1', kind: 'ConfigMap' }), {
    namespace: systemNamespace,
    labels: `homeslice.dev/parent-home=${home},homeslice.dev/parent-env=${env}`,
  })
  if (!listed.ok) return listed
  const newer = listed.objects.map(foreign).find((reason) => reason !== undefined)
  return newer === undefined ? { ok: true, parents: listed.objects } : failure('refused', newer, 'update Homeslice')
}

/** Every object by the id of its set. */
const bySet = (objects: readonly KubeObject[]): Map<string, KubeObject[]> => {
  const sets = new Map<string, KubeObject[]>()
  for (const object of objects) {
    const id = object.metadata.labels?.[partOf] ?? ''
    sets.set(id, [...(sets.get(id) ?? []), object])
  }
  return sets
}

/**
 * Makes each set's parent name the kinds and namespaces of these members: all that are and will be before anything is
 * applied, exactly those that are left after the prune. Parents of sets that have no members any more go.
 */
export const writeParents = async (
  hands: Hands,
  estate: Estate,
  { names, members }: { readonly names: readonly string[]; readonly members: readonly KubeObject[] },
): Promise<Done> => {
  const listed = await listParents(hands.connection, estate)
  if (!listed.ok) return listed
  const known = new Map(listed.parents.map((parent) => [parent.metadata.name, parent]))
  const sets = bySet(members)
  const changes = [...new Set([...names, ...known.keys()])].flatMap((name) => {
    const now = known.get(name)
    const mine = sets.get(setId(name)) ?? []
    const wanted = mine.length === 0 ? undefined : parentOf(name, estate, mine)
    const same = now === wanted || (now !== undefined && wanted !== undefined && sameParent(now, wanted))
    return same ? [] : [{ now, wanted }]
  })
  if (changes.length === 0) return { ok: true }
  const written = await many(changes, atOnce, async ({ now, wanted }): Promise<Done> => {
    if (wanted !== undefined) return put(hands, wanted, { force: true })
    return now === undefined ? { ok: true } : remove(hands, now)
  })
  return written.find((one) => !one.ok) ?? { ok: true }
}
