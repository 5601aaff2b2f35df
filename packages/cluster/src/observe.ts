import { identityOf, type KubeObject, type Rendered } from '@homeslice/render'
import {
  askedOf,
  makePlan,
  type NoRoom,
  type Plan,
  roomOnNodes,
  suspectsOf,
  takenNamespace,
  unknownNamespaces,
  type Verdict,
} from '@homeslice/plan'
import { type Estate, isIn, labelsOfEstate, memberOf, systemNamespace } from './applyset.ts'
import { may } from './access.ts'
import type { Connection } from './connection.ts'
import { allOf, failure, type Failure } from './failure.ts'
import { kindOf } from './kinds.ts'
import { many } from './many.ts'
import { nodesOf } from './nodes.ts'
import { getObject, listAll, listKind } from './objects.ts'
import { listParents } from './parents.ts'
import { verdictOn } from './verdict.ts'

/** A plan, with everything of the environment that is there. */
export type Observed = {
  readonly ok: true
  readonly plan: Plan
  readonly live: readonly KubeObject[]
  /** Services whose pods no node seems to have room for. */
  readonly noRoom: readonly NoRoom[]
  /** Namespaces that are wanted no longer and that one may not delete: they stay, empty. */
  readonly staying: readonly string[]
}

const atOnce = 16

/** The objects of a rendering as they go to the cluster: each says which set it belongs to. */
export const membersOf = ({ sets }: Pick<Rendered, 'sets'>): KubeObject[] =>
  Object.entries(sets).flatMap(([set, objects]) => objects.map((object) => memberOf(set, object)))

/** What is compared with an environment. */
export type Observing = {
  readonly desired: readonly KubeObject[]
  readonly allow: readonly string[]
  /** Identities of what stays although it is not desired. @default none */
  readonly kept?: ReadonlySet<string>
  /** How long services took to start, by name, where that was measured. */
  readonly startSeconds?: ReadonlyMap<string, number>
  /** The one set that is looked at; all others stay as they are. @default every set */
  readonly set?: string
}

/** Compares a rendering with the cluster: one list per kind, then a question about each object that may differ. */
export const observe = async (
  connection: Connection,
  estate: Estate,
  { desired, allow, kept = new Set(), startSeconds = new Map(), set }: Observing,
): Promise<Observed | Failure> => {
  const [listed, parents] = await Promise.all([
    listAll(connection, labelsOfEstate(estate)),
    listParents(connection, estate),
  ])
  if (!listed.ok) return listed
  if (!parents.ok) return parents
  const taken = await refuseTaken(connection, desired, listed.objects)
  if (taken !== undefined) return taken
  const mine = set === undefined ? listed.objects : listed.objects.filter((object) => isIn(set, object))
  const found = await withoutStaying(connection, desired, mine)
  if (!found.ok) return found
  const [strays, guests] = [
    await strayObjects(connection, desired, listed.objects),
    await guestVolumes(connection, desired, found.objects),
  ]
  if (!strays.ok) return strays
  if (!guests.ok) return guests
  const seen = [...found.objects, ...strays.objects, ...guests.objects]
  const present = seen.filter(isStaying(seen, desired))
  const judged = await judge(connection, desired, present)
  if (!judged.ok) return judged
  const plan = makePlan({ desired, live: present, verdicts: judged.verdicts, allow, kept, startSeconds })
  const grows = plan.steps.some(({ grades }) => grades.includes('cost'))
  const noRoom = grows ? roomOnNodes(askedOf(desired), await nodesOf(connection)) : []
  const { staying } = found
  const live = [...listed.objects.filter(isNot(staying)), ...strays.objects, ...guests.objects]
  return { ok: true, plan, live, noRoom, staying }
}

const isNot =
  (staying: readonly string[]) =>
  ({ kind, metadata }: KubeObject): boolean =>
    kind !== 'Namespace' || !staying.includes(metadata.name)

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

type Guests = { readonly ok: true; readonly objects: readonly KubeObject[] } | Failure

/** What is wanted in namespaces that are there, and is there without the labels by which ours are found. */
const strayObjects = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Guests> => {
  const known = new Set(live.map(identityOf))
  const ours = live.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name)
  const namespaces = new Set([systemNamespace, ...ours])
  const missing = desired.filter(
    (object) => !known.has(identityOf(object)) && namespaces.has(object.metadata.namespace ?? ''),
  )
  const asked = await many(missing, atOnce, (object) => getObject(connection, object))
  const failed = asked.find((said) => !said.ok && !('problem' in said))
  if (failed !== undefined && !failed.ok && !('problem' in failed)) return failed
  return { ok: true, objects: asked.flatMap((said) => (said.ok ? [said.object] : [])) }
}

type Found =
  | { readonly ok: true; readonly objects: readonly KubeObject[]; readonly staying: readonly string[] }
  | Failure

/** Namespaces that are there and not wanted. */
const namespacesGoing = (desired: readonly KubeObject[], live: readonly KubeObject[]): KubeObject[] => {
  const wanted = new Set(desired.map(identityOf))
  return live.filter((object) => object.kind === 'Namespace' && !wanted.has(identityOf(object)))
}

/** Leaves out the namespaces that would go and that one may not delete: what cannot be done is not planned. */
const withoutStaying = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Found> => {
  const going = namespacesGoing(desired, live)
  const asked = allOf(
    await many(going, atOnce, ({ metadata: { name } }) =>
      may(connection, { verb: 'delete', group: '', resource: 'namespaces', namespace: name }),
    ),
  )
  if (!asked.ok) return asked
  const staying = going.filter((_, index) => asked.all[index]?.allowed !== true)
  return {
    ok: true,
    objects: live.filter((object) => !staying.includes(object)),
    staying: staying.map(({ metadata }) => metadata.name),
  }
}

/** Volumes of others in namespaces of ours that would go: deleting the namespace would delete them too. */
const guestVolumes = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Guests> => {
  const known = new Set(live.map(identityOf))
  const going = namespacesGoing(desired, live)
  const claims = kindOf({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
  const lists = await many(going, atOnce, async (namespace): Promise<Guests> => {
    const listed = await listKind(connection, claims, { namespace: namespace.metadata.name })
    if (!listed.ok) return listed
    const objects = listed.objects
      .filter((claim) => !known.has(identityOf(claim)))
      .map((claim) => ({ ...claim, metadata: { ...claim.metadata, labels: { ...namespace.metadata.labels } } }))
    return { ok: true, objects }
  })
  const listed = allOf(lists)
  return listed.ok ? { ok: true, objects: listed.all.flatMap(({ objects }) => objects) } : listed
}

/** Looks whether a namespace that would be made is there already. */
const refuseTaken = async (
  connection: Connection,
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<Failure | undefined> => {
  const found = await many(unknownNamespaces(desired, live), atOnce, (namespace) => getObject(connection, namespace))
  for (const said of found) {
    if (said.ok) {
      const { message, fix } = takenNamespace(said.object.metadata.name)
      return failure('refused', message, fix)
    }
    if (!('problem' in said)) return said
  }
  return undefined
}
