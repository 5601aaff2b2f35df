import { identityOf, type KubeObject } from '@homeslice/render'
import { type Action, type Change, type Grade, nameOf, serviceOf, type Stopped } from './change.ts'
import { differences } from './compare.ts'
import { ownsMoreThan, writerKey } from './owned.ts'

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
}

/** One step for whoever carries the plan out. */
export type Step = Change & {
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
    return now !== undefined && (differences(object, now).length > 0 || ownsMoreThan(object, now))
  })
}

/** Compares what is desired with what is there. The worst comes first. */
export const makePlan = ({ desired, live, verdicts = new Map(), allow = [], kept = new Set() }: PlanInput): Plan => {
  const there = byIdentity(live)
  const wanted = byIdentity(desired)
  const steps = [
    ...desired.flatMap((object) => stepFor(object, there.get(identityOf(object)), verdicts.get(identityOf(object)))),
    ...live
      .filter((object) => !wanted.has(identityOf(object)) && !kept.has(identityOf(object)))
      .map((object) => removal(object, live)),
  ]
  return {
    steps: steps.toSorted(worstFirst),
    stopped: stoppedBy(steps, allow),
    unchanged: desired.length - steps.filter(({ action }) => action !== 'delete').length,
  }
}

const byIdentity = (objects: readonly KubeObject[]): Map<string, KubeObject> =>
  new Map(objects.map((object) => [identityOf(object), object]))

const stepFor = (desired: KubeObject, live: KubeObject | undefined, verdict: Verdict | undefined): Step[] => {
  const object = nameOf(desired)
  if (live === undefined) return [{ object, action: 'create', grades: ['routine'], reason: 'new', desired }]
  if (verdict === undefined) return []
  if (verdict.kind === 'immutable') {
    const reason = holdsData(live)
      ? `the volume of ${serviceOf(live)} cannot be changed in place: it would be deleted with everything on it and made anew (${verdict.message})`
      : `cannot be changed in place: ${verdict.message}`
    return [{ object, action: 'replace', grades: [gradeOf(live)], reason, desired, live }]
  }
  const changed = changedPaths(live, verdict.object)
  if (changed.length === 0) return []
  const from = verdict.takenFrom.length > 0 ? `, taken back from ${verdict.takenFrom.join(', ')}` : ''
  return [
    {
      object,
      action: 'update',
      grades: ['routine'],
      reason: `${wordsFor(changed, live, verdict.object)}${from}`,
      desired,
      live,
      takenFrom: verdict.takenFrom,
    },
  ]
}

const removal = (live: KubeObject, all: readonly KubeObject[]): Step => {
  const volumes =
    live.kind === 'Namespace'
      ? all.filter((one) => holdsData(one) && one.metadata.namespace === live.metadata.name)
      : []
  const loses = holdsData(live) || volumes.length > 0
  const reason = holdsData(live)
    ? `the volume ${live.metadata.name} of ${serviceOf(live)} would be deleted with everything on it`
    : volumes.length > 0
      ? `the namespace of ${serviceOf(live)} would be deleted with its volumes`
      : 'no longer in the home file'
  return { object: nameOf(live), action: 'delete', grades: [loses ? 'data-loss' : 'routine'], reason, live }
}

/** Host folders are the node's own: their volumes only point there. */
const holdsData = ({ kind, spec }: KubeObject): boolean =>
  kind === 'PersistentVolumeClaim' &&
  !(typeof spec === 'object' && spec !== null && 'storageClassName' in spec && spec.storageClassName === '')

const gradeOf = (object: KubeObject): Grade => (holdsData(object) ? 'data-loss' : 'routine')

const stoppedBy = (steps: readonly Step[], allow: readonly string[]): Stopped[] => {
  const subjects = new Set(
    steps.flatMap(({ grades, live }) => (grades.includes('data-loss') && live !== undefined ? [serviceOf(live)] : [])),
  )
  return [...subjects]
    .map((subject) => ({ grade: 'data-loss' as const, subject, allow: `data-loss:${subject}` }))
    .filter((one) => !allow.includes(one.allow))
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

/** The image says most; else the paths that change, the first few. */
const wordsFor = (paths: readonly string[], live: KubeObject, next: KubeObject): string => {
  const image = paths.find((path) => path.endsWith('.image'))
  const [before, after] = [imageOf(live), imageOf(next)]
  if (image !== undefined && before !== undefined && after !== undefined) return `image ${before} → ${after}`
  const shown = paths
    .slice(0, 3)
    .map((path) => path.replace(/^spec\./u, ''))
    .join(', ')
  return `changes ${shown}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`
}

const imageOf = (object: KubeObject): string | undefined =>
  /"image":"([^"]+)"/u.exec(JSON.stringify(object.spec ?? {}))?.[1]

const order: Readonly<Record<Action, number>> = { delete: 0, replace: 1, update: 2, create: 3 }

const worstFirst = (a: Step, b: Step): number =>
  Number(b.grades.includes('data-loss')) - Number(a.grades.includes('data-loss')) || order[a.action] - order[b.action]
