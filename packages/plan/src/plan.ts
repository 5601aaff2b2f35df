import { identityOf, type KubeObject } from '@homeslice/render'
import { additionsOf } from './additions.ts'
import { type Action, type Change, type Danger, type Grade, nameOf, rankOf, serviceOf, type Stopped } from './change.ts'
import { differences } from './compare.ts'
import { hasOurValues } from './drift.ts'
import { dangersOf } from './grade/index.ts'
import { ownsMoreThan, writerKey } from './owned.ts'
import { type Situation, situationOf } from './situation.ts'
import { whatChanges } from './what.ts'

/** What the server says a suspect would become: the object, or that it cannot be changed in place. */
export type Verdict =
  | { readonly kind: 'becomes'; readonly object: KubeObject; readonly takenFrom: readonly string[] }
  | { readonly kind: 'immutable'; readonly message: string }

/** What a plan is made of. */
export type PlanInput = {
  readonly desired: readonly KubeObject[]
  /** Everything of this environment that is in the cluster. */
  readonly live: readonly KubeObject[]
  /** By identity, for the suspects that were asked for. */
  readonly verdicts?: ReadonlyMap<string, Verdict>
  /** What is allowed by name, such as `data-loss:notes`. */
  readonly allow?: readonly string[]
  /** Identities of what stays although it is not desired: versions before still read it. */
  readonly kept?: ReadonlySet<string>
  /** How long services took to start, by name, where that was measured. */
  readonly startSeconds?: ReadonlyMap<string, number>
}

/** One step for whoever carries the plan out. */
export type Step = Change & {
  /** What of the object changes, in a few words. */
  readonly what: string
  /** What makes it more than routine, the worst first. */
  readonly dangers: readonly Danger[]
  /** What to apply; absent for a delete. */
  readonly desired?: KubeObject
  /** What is there now; absent for a create. */
  readonly live?: KubeObject
  /** Who else holds fields that are taken back, as the reason says; without them nobody's field may be taken. */
  readonly takenFrom?: readonly string[]
}

/** What would change, what waits to be allowed, and how much stays as it is. */
export type Plan = { readonly steps: readonly Step[]; readonly stopped: readonly Stopped[]; readonly unchanged: number }

/** The objects that may differ from what is desired: only these are worth a question to the server. */
export const suspectsOf = ({ desired, live }: Pick<PlanInput, 'desired' | 'live'>): KubeObject[] => {
  const there = byIdentity(live)
  return desired.filter((object) => {
    const now = there.get(identityOf(object))
    return now !== undefined && isSuspect(object, now)
  })
}

const isSuspect = (desired: KubeObject, live: KubeObject): boolean =>
  differences(desired, live).length > 0 ||
  ownsMoreThan(desired, live) ||
  additionsOf(desired, live).length > 0 ||
  (desired.kind === 'Secret' && !hasOurValues(live))

/** Compares what is desired with what is there. The worst comes first. */
export const makePlan = ({
  desired,
  live,
  verdicts = new Map(),
  allow = [],
  kept = new Set(),
  startSeconds = new Map(),
}: PlanInput): Plan => {
  const there = byIdentity(live)
  const wanted = byIdentity(desired)
  const situation = situationOf(
    live,
    desired.map((object) => nextOf(object, verdicts.get(identityOf(object)))),
    startSeconds,
  )
  const steps = [
    ...desired.flatMap((object) => stepFor(object, there.get(identityOf(object)), verdicts.get(identityOf(object)))),
    ...live.filter((object) => !wanted.has(identityOf(object)) && !kept.has(identityOf(object))).map(removal),
  ].map((bare) => graded(bare, situation))
  return {
    steps: steps.toSorted(worstFirst),
    stopped: stoppedBy(steps, allow),
    unchanged: desired.length - steps.filter(({ action }) => action !== 'delete').length,
  }
}

const byIdentity = (objects: readonly KubeObject[]): Map<string, KubeObject> =>
  new Map(objects.map((object) => [identityOf(object), object]))

/** What is there once a desired object is applied. */
const nextOf = (desired: KubeObject, verdict: Verdict | undefined): KubeObject =>
  verdict?.kind === 'becomes' ? verdict.object : desired

/** A step before it is graded; `next` is what its object would become. */
type Bare = Pick<Step, 'action' | 'what' | 'desired' | 'live' | 'takenFrom'> & {
  readonly any: KubeObject
  readonly next?: KubeObject
}

const stepFor = (desired: KubeObject, live: KubeObject | undefined, verdict: Verdict | undefined): Bare[] => {
  const both = { any: desired, desired }
  if (live === undefined) return [{ ...both, action: 'create', what: 'new', next: desired }]
  if (verdict === undefined) return []
  if (verdict.kind === 'immutable') {
    const what = `cannot be changed in place: ${verdict.message}`
    return [{ ...both, action: 'replace', what, live, next: desired }]
  }
  const { object: next, takenFrom } = verdict
  const changed = changedPaths(live, next)
  if (changed.length === 0) return []
  const from = takenFrom.length > 0 ? `, taken back from ${takenFrom.join(', ')}` : ''
  return [{ ...both, action: 'update', what: `${whatChanges(changed, live, next)}${from}`, live, next, takenFrom }]
}

const removal = (live: KubeObject): Bare => ({ any: live, action: 'delete', what: 'no longer in the home file', live })

const graded = ({ any, next, ...step }: Bare, situation: Situation): Step => {
  const { action, live, what } = step
  const sides = { ...(live === undefined ? {} : { before: live }), ...(next === undefined ? {} : { after: next }) }
  const dangers = dangersOf({ action, service: serviceOf(any), kind: any.kind, ...sides }, situation)
  const seconds = dangers.flatMap((danger) => danger.seconds ?? [])
  return {
    object: nameOf(any),
    ...step,
    grades: dangers.length === 0 ? ['routine'] : [...new Set(dangers.map(({ grade }) => grade))],
    reason: reasonOf(action, what, dangers),
    ...(seconds.length === 0 ? {} : { downtimeSeconds: Math.max(...seconds) }),
    dangers,
  }
}

/** What it means for the house comes first; what changes in the object follows where there is something to compare. */
const reasonOf = (action: Action, what: string, dangers: readonly Danger[]): string => {
  if (dangers.length === 0) return what
  const words = [...new Set(dangers.map((danger) => danger.words))].join('; ')
  return action === 'update' || action === 'replace' ? `${words} (${what})` : words
}

const stoppedBy = (steps: readonly Step[], allow: readonly string[]): Stopped[] => {
  const stopping = steps.flatMap(({ dangers }) => dangers).filter(({ stops }) => stops === true)
  const all = stopping.map(({ grade, service }) => ({ grade, subject: service, allow: `${grade}:${service}` }))
  return [...new Map(all.map((one) => [one.allow, one])).values()]
    .filter((one) => !allow.includes(one.allow))
    .toSorted((one, other) => rankOf(one.grade) - rankOf(other.grade))
}

const bookkeeping = /^metadata\.(managedFields|resourceVersion|generation|uid|creationTimestamp)|^status\b/u

/** Paths that differ either way between what is there and what it would become. */
const changedPaths = (live: KubeObject, next: KubeObject): string[] => {
  const [before, after] = [withoutWriter(live), withoutWriter(next)]
  return [...new Set([...differences(after, before), ...differences(before, after)])].filter(
    (path) => !bookkeeping.test(path),
  )
}

/** Who wrote an object is no part of what it says. */
const withoutWriter = (object: KubeObject): KubeObject => {
  const { annotations = {}, ...metadata } = object.metadata
  const { [writerKey]: _, ...others } = annotations
  return { ...object, metadata: { ...metadata, annotations: others } }
}

const order: Readonly<Record<Action, number>> = { delete: 0, replace: 1, update: 2, create: 3 }

const worstOf = ({ grades: [worst = 'routine'] }: { readonly grades: readonly Grade[] }): number => rankOf(worst)

const worstFirst = (a: Step, b: Step): number => worstOf(a) - worstOf(b) || order[a.action] - order[b.action]
