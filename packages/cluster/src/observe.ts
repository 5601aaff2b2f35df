import { identityOf, type KubeObject, type Rendered } from '@homeslice/render'
import { makePlan, type Plan, suspectsOf, type Verdict } from '@homeslice/plan'
import { type Estate, labelsOfEstate, memberOf } from './applyset.ts'
import { may } from './access.ts'
import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { kindOf } from './kinds.ts'
import { many } from './many.ts'
import { getObject, listAll, listKind } from './objects.ts'
import { listParents } from './parents.ts'
import { verdictOn } from './verdict.ts'

/** A plan, with what it was made from. */
export type Observed = {
  readonly ok: true
  readonly plan: Plan
  readonly live: readonly KubeObject[]
  /** Namespaces that are wanted no longer and that one may not delete: they stay, empty. */
  readonly staying: readonly string[]
}

const atOnce = 16

/** The objects of a rendering as they go to the cluster: each says which set it belongs to. */
export const membersOf = ({ sets }: Pick<Rendered, 'sets'>): KubeObject[] =>
  Object.entries(sets).flatMap(([set, objects]) => objects.map((object) => memberOf(set, object)))

/** Compares a rendering with the cluster: one list per kind, then a question about each object that may differ. */
export const observe = async (
  connection: Connection,
  estate: Estate,
  { desired, allow }: { readonly desired: readonly KubeObject[]; readonly allow: readonly string[] },
): Promise<Observed | Failure> => {
  const [listed, parents] = await Promise.all([
    listAll(connection, labelsOfEstate(estate)),
    listParents(connection, estate),
  ])
  if (!listed.ok) return listed
  if (!parents.ok) return parents
  const taken = await takenNamespace(connection, desired, listed.objects)
  if (taken !== undefined) return taken
  const found = await withoutStaying(connection, desired, listed.objects)
  if (!found.ok) return found
  const guests = await guestVolumes(connection, desired, found.objects)
  if (!guests.ok) return guests
  const live = [...found.objects, ...guests.objects]
  const present = live.filter(isStaying(live, desired))
  const judged = await judge(connection, desired, present)
  if (!judged.ok) return judged
  return {
    ok: true,
    plan: makePlan({ desired, live: present, verdicts: judged.verdicts, allow }),
    live,
    staying: found.staying,
  }
}

type Judged = { readonly ok: true; readonly verdicts: ReadonlyMap<string, Verdict> } | Failure

const judge = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Judged> => {
  const there = new Map(live.map((object) => [identityOf(object), object]))
  const verdicts = new Map<string, Verdict>()
  const failures = await many(suspectsOf({ desired, live }), atOnce, async (object) => {
    const verdict = await verdictOn(connection, object, there.get(identityOf(object)) ?? object)
    if ('ok' in verdict) return verdict
    verdicts.set(identityOf(object), verdict)
    return undefined
  })
  return failures.find((one) => one !== undefined) ?? { ok: true, verdicts }
}

/** What is on its way out, by itself or with its namespace, is not there for what is desired: it is made anew. */
const isStaying = (live: readonly KubeObject[], desired: readonly KubeObject[]): ((object: KubeObject) => boolean) => {
  const wanted = new Set(desired.map(identityOf))
  const leaving = live.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const namespaces = new Set(leaving.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  return (object) =>
    !wanted.has(identityOf(object)) || (!leaving.includes(object) && !namespaces.has(object.metadata.namespace ?? ''))
}

type Found =
  | { readonly ok: true; readonly objects: readonly KubeObject[]; readonly staying: readonly string[] }
  | Failure

/** Leaves out the namespaces that would go and that one may not delete: what cannot be done is not planned. */
const withoutStaying = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Found> => {
  const wanted = new Set(desired.map(identityOf))
  const going = live.filter((object) => object.kind === 'Namespace' && !wanted.has(identityOf(object)))
  const asked = await many(going, atOnce, ({ metadata: { name } }) =>
    may(connection, { verb: 'delete', group: '', resource: 'namespaces', namespace: name }),
  )
  const broken = asked.find((one) => !one.ok)
  if (broken !== undefined && !broken.ok) return broken
  const staying = going.filter((_, index) => {
    const answer = asked[index]
    return answer?.ok === true && !answer.allowed
  })
  return {
    ok: true,
    objects: live.filter((object) => !staying.includes(object)),
    staying: staying.map(({ metadata }) => metadata.name),
  }
}

type Guests = { readonly ok: true; readonly objects: readonly KubeObject[] } | Failure

/** Volumes of others in namespaces of ours that would go: deleting the namespace would delete them too. */
const guestVolumes = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Guests> => {
  const wanted = new Set(desired.map(identityOf))
  const known = new Set(live.map(identityOf))
  const going = live.filter((object) => object.kind === 'Namespace' && !wanted.has(identityOf(object)))
  const claims = kindOf({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  const lists = await many(going, atOnce, async (namespace): Promise<Guests> => {
    const listed = await listKind(connection, claims, { namespace: namespace.metadata.name })
    if (!listed.ok) return listed
    const objects = listed.objects
      .filter((claim) => !known.has(identityOf(claim)))
      .map((claim) => ({ ...claim, metadata: { ...claim.metadata, labels: { ...namespace.metadata.labels } } }))
    return { ok: true, objects }
  })
  const broken = lists.find((list) => !list.ok)
  return broken ?? { ok: true, objects: lists.flatMap((list) => (list.ok ? list.objects : [])) }
}

/** Server-side apply would quietly take over a namespace of others, and `destroy` would delete it: so it is refused. */
const takenNamespace = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Failure | undefined> => {
  const ours = new Set(live.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name))
  const unknown = desired.filter(({ kind, metadata }) => kind === 'Namespace' && !ours.has(metadata.name))
  const found = await many(unknown, atOnce, (namespace) => getObject(connection, namespace))
  for (const said of found) {
    if (said.ok) {
      const { name } = said.object.metadata
      return failure(
        'refused',
        `the namespace ${name} is there already, and it is not ours`,
        'rename the service, or remove that namespace yourself',
      )
    }
    if (!('problem' in said)) return said
  }
  return undefined
}
