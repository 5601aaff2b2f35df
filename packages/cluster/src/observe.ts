import { identityOf, type KubeObject, type Rendered } from '@homeslice/render'
import { makePlan, type Plan, suspectsOf, type Verdict } from '@homeslice/plan'
import { type Estate, labelsOfEstate, memberOf } from './applyset.ts'
import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { getObject, applyObject, listAll, type Refusal, type Said } from './objects.ts'
import { many } from './many.ts'

/** A plan, with what it was made from. */
export type Observed = { readonly ok: true; readonly plan: Plan; readonly live: readonly KubeObject[] }

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
  const listed = await listAll(connection, labelsOfEstate(estate))
  if (!listed.ok) return listed
  const live = listed.objects
  const taken = await takenNamespace(connection, desired, live)
  if (taken !== undefined) return taken
  const there = new Map(live.map((object) => [identityOf(object), object]))
  const asked = await many(suspectsOf({ desired, live }), atOnce, async (object) => {
    const now = there.get(identityOf(object)) ?? object
    return { identity: identityOf(object), verdict: await verdictOn(connection, object, now) }
  })
  const broken = asked.find(({ verdict }) => 'ok' in verdict)
  if (broken !== undefined && 'ok' in broken.verdict) return broken.verdict
  const verdicts = new Map(
    asked.flatMap(({ identity, verdict }) => ('ok' in verdict ? [] : [[identity, verdict] as const])),
  )
  return { ok: true, plan: makePlan({ desired, live, verdicts, allow }), live }
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

const verdictOn = async (connection: Connection, desired: KubeObject, live: KubeObject): Promise<Verdict | Failure> => {
  if (desired.kind === 'Secret') {
    // Its values are not known here, and its name holds their version: only what it says about itself can differ.
    const metadata = { ...live.metadata, labels: { ...live.metadata.labels, ...desired.metadata.labels } }
    return { kind: 'becomes', object: { ...live, metadata }, takenFrom: [] }
  }
  const gently = await applyObject(connection, desired, { dryRun: true })
  const said = isConflict(gently) ? await applyObject(connection, desired, { dryRun: true, force: true }) : gently
  if (said.ok) return { kind: 'becomes', object: said.object, takenFrom: isConflict(gently) ? managersIn(gently) : [] }
  if (!('problem' in said)) return said
  if (said.problem === 'invalid') return { kind: 'immutable', message: said.message }
  return failure(
    'failed',
    `${desired.kind} ${desired.metadata.name} changed while it was looked at: ${said.message}`,
    'run it again',
  )
}

const isConflict = (said: Said): said is Refusal => 'problem' in said && said.problem === 'conflict'

/** Who else holds fields that we want, as the server names them: `conflict with "kubectl-edit" using apps/v1`. */
const managersIn = ({ causes, message }: Refusal): string[] => {
  const names = [message, ...causes.map((cause) => cause.message)].flatMap(
    (text) => /conflicts? with "([^"]+)"/u.exec(text)?.[1] ?? [],
  )
  return [...new Set(names)]
}
