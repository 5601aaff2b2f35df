import { identityOf, type KubeObject } from '@homeslice/render'
import { type Plan, roomForBoth, serviceOf, type Step } from '@homeslice/plan'
import { type Estate, labelsOfEstate } from './applyset.ts'
import { type Hands, put, remove } from './effects.ts'
import type { Failure } from './failure.ts'
import { kindOf, type Wave, waves } from './kinds.ts'
import { many } from './many.ts'
import { writeParents } from './parents.ts'
import { type Readiness, waitUntilReady } from './ready.ts'
import { freeVolumes } from './free.ts'
import { goingBack, restoreRecreated } from './restore.ts'
import { takeOver } from './take-over.ts'

/** What is to be carried out. */
export type Work = {
  readonly estate: Estate
  readonly plan: Plan
  readonly desired: readonly KubeObject[]
  readonly live: readonly KubeObject[]
  /** Names of the sets of `desired`. */
  readonly sets: readonly string[]
  readonly workloads: readonly { readonly name: string; readonly namespace: string }[]
  readonly deadlineSeconds: number
  readonly signal?: AbortSignal
  /** Done once it is known how each service is, before anything goes. */
  readonly settle?: (settling: Settling) => Promise<{ readonly ok: true } | Failure>
}

/** How each service is, and which ones go back to the version before. */
export type Settling = { readonly services: readonly Readiness[]; readonly goesBack: ReadonlySet<string> }

/** What was done. */
export type Applied = {
  readonly ok: true
  readonly created: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged: number
  readonly services: readonly Readiness[]
  /** True if the caller aborted before all was done. */
  readonly interrupted: boolean
}

const atOnce = 16

/** Carries a plan out: waves, readiness, prune. Killed anywhere, the next run finds all that it left and goes on. */
export const applyPlan = async (hands: Hands, work: Work): Promise<Applied | Failure> => {
  const { estate, plan, signal } = work
  const done = { created: 0, updated: 0, deleted: 0 }
  const finish = (services: readonly Readiness[]): Applied => ({
    ok: true,
    ...done,
    unchanged: plan.unchanged,
    services,
    interrupted: aborted(signal),
  })
  const written = await write(hands, work, done)
  if (aborted(signal)) return finish([])
  if (!written.ok) return tell(hands, written)
  const waited = await waitUntilReady(hands.connection, {
    workloads: work.workloads,
    labels: labelsOfEstate(estate),
    deadlineSeconds: work.deadlineSeconds,
    report: hands.report,
    signal,
  })
  if (aborted(signal)) return finish(waited.ok ? waited.all : [])
  if (!waited.ok) return waited
  const broken = new Set(namesOfBroken(waited.all))
  const settled = await work.settle?.({ services: waited.all, goesBack: goingBack(plan.steps, broken) })
  if (settled?.ok === false) return aborted(signal) ? finish(waited.all) : tell(hands, settled)
  const cleaned = await clean(hands, work, { done, broken })
  return cleaned.ok || aborted(signal) ? finish(waited.all) : tell(hands, cleaned)
}

/** A question each time: it may be aborted between two of them. */
const aborted = (signal: AbortSignal | undefined): boolean => signal?.aborted ?? false

type Done = { readonly ok: true } | Failure
type Counts = { created: number; updated: number; deleted: number }

const namesOfBroken = (all: readonly Readiness[]): string[] => all.filter(({ ready }) => !ready).map(({ name }) => name)

/** Everything up to the prune: parents widened first, so that whatever is left behind is found. */
const write = async (
  hands: Hands,
  { estate, plan, desired, live, sets, signal }: Work,
  done: Counts,
): Promise<Done> => {
  if (plan.steps.length === 0) return { ok: true }
  hands.report({ task: 'changes', state: 'start', detail: `${plan.steps.length} to make` })
  const widened = await writeParents(hands, estate, { names: sets, members: [...desired, ...live] })
  if (!widened.ok) return widened
  const freed = await freeVolumes(hands, plan.steps, { desired, live })
  if (!freed.ok) return freed
  const writes = [...plan.steps.filter(({ action }) => action !== 'delete'), ...freed.again]
  for (const wave of waves) {
    const inWave = writes.filter((step) => waveOf(step) === wave)
    const failed = await applyWave(hands, inWave, { done, signal })
    if (failed !== undefined) return failed
  }
  return { ok: true }
}

/** What did not become ready goes back if it was stopped for its next version; then what is no longer wanted goes. */
const clean = async (
  hands: Hands,
  { estate, plan, desired, live, sets, signal }: Work,
  { done, broken }: { readonly done: Counts; readonly broken: ReadonlySet<string> },
): Promise<Done> => {
  const restored = await restoreRecreated(hands, plan.steps, broken)
  if (!restored.ok) return restored
  const narrowedRoom = await takeRoomBack(hands, plan.steps, broken)
  if (!narrowedRoom.ok) return narrowedRoom
  const pruned = await prune(hands, plan.steps, { broken, done, signal })
  if (!pruned.ok) return pruned
  // Also where nothing changes: a run that died may have pruned without narrowing.
  const members = [...desired, ...live.filter((one) => !pruned.gone.has(identityOf(one)))]
  const narrowed = await writeParents(hands, estate, { names: sets, members })
  if (!narrowed.ok || plan.steps.length === 0) return narrowed
  const { created, updated, deleted } = done
  hands.report({ task: 'changes', state: 'done', detail: `${created} created, ${updated} updated, ${deleted} deleted` })
  return { ok: true }
}

const tell = ({ report }: Hands, failed: Failure): Failure => {
  report({ task: 'changes', state: 'failed', detail: failed.message })
  return failed
}

const waveOf = ({ object }: Step): Wave => kindOf({ apiVersion: object.apiVersion, kind: object.kind }).wave

type Progress = {
  readonly done: Counts
  readonly signal: AbortSignal | undefined
}

const applyWave = async (
  hands: Hands,
  steps: readonly Step[],
  { done, signal }: Progress,
): Promise<Failure | undefined> => {
  const stop = (): boolean => signal?.aborted ?? false
  const results = await many(steps, atOnce, async (step) => {
    const { action, desired, live, takenFrom } = step
    if (desired === undefined || stop()) return undefined
    const cleared = await clearWay(hands, step)
    if (!cleared.ok) return cleared
    const room = live && action === 'update' ? roomForBoth(desired, live) : undefined
    // A Secret is not asked about beforehand, for its values are not known then.
    const force = desired.kind === 'Secret' || (takenFrom ?? []).length > 0
    const result = await put(hands, room ?? desired, { force })
    if (!result.ok) return result
    if (action === 'create') done.created += 1
    else done.updated += 1
    return undefined
  })
  return results.find((result) => result !== undefined)
}

/** What is there and would stay beside what is applied, or keep it from being applied, goes first. */
const clearWay = async (hands: Hands, { action, desired, live }: Step): Promise<Done> => {
  if (desired === undefined || live === undefined) return { ok: true }
  return action === 'replace' ? remove(hands, live) : takeOver(hands, desired, live)
}

/** Quotas and limits that had to hold two versions hold one again. */
const takeRoomBack = async (hands: Hands, steps: readonly Step[], broken: ReadonlySet<string>): Promise<Done> => {
  const shrinking = steps.flatMap(({ action, desired, live, takenFrom = [] }) =>
    action === 'update' && desired && live && !broken.has(serviceOf(desired)) && roomForBoth(desired, live)
      ? [{ desired, force: takenFrom.length > 0 }]
      : [],
  )
  // Somebody who made the room larger by hand owns it together with us until here.
  const results = await many(shrinking, atOnce, ({ desired, force }) => put(hands, desired, { force }))
  return results.find(({ ok }) => !ok) ?? { ok: true }
}

type Pruned = { readonly ok: true; readonly gone: ReadonlySet<string> } | Failure

/**
 * Deletes what is no longer wanted, routes first and namespaces last. What belongs to a service that did not become
 * ready stays: its old version still reads it.
 */
const prune = async (
  hands: Hands,
  steps: readonly Step[],
  { broken, done, signal }: Progress & { readonly broken: ReadonlySet<string> },
): Promise<Pruned> => {
  const deletes = steps.filter(({ action, live }) => action === 'delete' && live !== undefined)
  const removed = new Set<string>()
  for (const wave of waves.toReversed()) {
    const results = await many(
      deletes.filter((step) => waveOf(step) === wave),
      atOnce,
      async ({ live }) => {
        if (live === undefined) return undefined
        if (broken.has(serviceOf(live)) || signal?.aborted === true) return undefined
        const gone = await remove(hands, live)
        if (!gone.ok) return gone
        done.deleted += 1
        removed.add(identityOf(live))
        return undefined
      },
    )
    const failed = results.find((result) => result !== undefined)
    if (failed !== undefined) return failed
  }
  return { ok: true, gone: removed }
}
