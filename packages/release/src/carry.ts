import {
  type Applied,
  applyPlan,
  createRecords,
  type Failure,
  type Hands,
  isIn,
  noteRecords,
  removeRecords,
  type Settling,
  whoIsHere,
} from '@homeslice/cluster'
import type { KubeObject } from '@homeslice/render'
import { newestFirst } from './keep.ts'
import { type Outlook, setOfService } from './outlook.ts'
import { pack } from './pack.ts'
import { type Draft, imagesOf, recordOf, type Release, releaseFrom, type Verdict, verdictNote } from './release.ts'
import { changedWords, shortened } from './words.ts'

/** How an outlook is carried out. */
export type Carrying = {
  /** How long a service may take to become ready. */
  readonly deadlineSeconds: number
  readonly signal?: AbortSignal
}

/** What was done, what was recorded, and what could not be, in sentences. */
export type Carried = {
  readonly ok: true
  readonly applied: Applied
  readonly recorded: readonly Release[]
  readonly notes: readonly string[]
}

/**
 * Carries an outlook out. Versions are recorded before anything else is written, and get their verdict once it is known;
 * a run that is killed in between leaves them `pending`, which the next one settles.
 */
export const carryOut = async (
  hands: Hands,
  outlook: Outlook,
  { deadlineSeconds, signal }: Carrying,
): Promise<Carried | Failure> => {
  const { estate, plan, desired, live, sets } = outlook
  const written = await recordDrafts(hands, outlook)
  if (!written.ok) return written
  const { recorded } = written
  const applied = await applyPlan(hands, {
    estate,
    plan,
    desired,
    live,
    sets: Object.keys(sets),
    workloads: workloadsIn(desired),
    deadlineSeconds,
    settle: (settling) => settle(hands, outlook, { recorded, settling }),
    ...(signal ? { signal } : {}),
  })
  if (!applied.ok) return applied
  const notes = recorded
    .filter(({ whole }) => !whole)
    .map(({ service, number }) => `version ${number} of ${service} is too large to be kept: nobody can go back to it`)
  return { ok: true, applied, recorded, notes }
}

/** What has to become ready, by name. */
const workloadsIn = (objects: readonly KubeObject[]): { readonly name: string; readonly namespace: string }[] =>
  objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob')
    .map(({ metadata: { name, namespace = '' } }) => ({ name, namespace }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

type Recorded = { readonly ok: true; readonly recorded: readonly Release[] } | Failure

const recordDrafts = async (hands: Hands, outlook: Outlook): Promise<Recorded> => {
  const { drafts } = outlook.books
  if (drafts.length === 0) return { ok: true, recorded: [] }
  const time = new Date().toISOString()
  const records = drafts.map((draft) => recordFor(outlook, draft, time))
  const detail = `of ${records.length} new version${records.length === 1 ? '' : 's'}`
  hands.report({ task: 'records', state: 'start', detail })
  const created = await createRecords(hands, records)
  if (created.ok) hands.report({ task: 'records', state: 'done', detail })
  else hands.report({ task: 'records', state: 'failed', detail: created.message })
  return created.ok ? { ok: true, recorded: records.map(releaseFrom) } : created
}

const recordFor = ({ estate, sets, plan }: Outlook, draft: Draft, time: string): KubeObject => {
  const set = setOfService(estate, draft.service)
  const objects = sets[set] ?? []
  const mine = plan.steps.filter(({ desired, live }) => [desired, live].some((one) => one && isIn(set, one)))
  const changed = changedWords(mine, draft.rolledBackTo)
  const data = pack(objects)
  const telling = { time, who: whoIsHere(), images: imagesOf(objects), changed, whole: data !== undefined }
  return recordOf(estate, { ...draft, ...telling }, data ?? {})
}

type Knowing = { readonly recorded: readonly Release[]; readonly settling: Settling }

const overtakenVerdict: Verdict = 'failed: another version came before it was ready'

/** Gives each version its verdict, then forgets the records that go: what only they name is pruned after. */
const settle = async (hands: Hands, { books }: Outlook, { recorded, settling }: Knowing) => {
  const services = new Map(settling.services.map((one) => [one.name, one]))
  const newest = newestFirst([...recorded, ...books.current]).flatMap((release) => {
    // What services share has no pods.
    const { ready, reason = 'it is not ready', startSeconds } = services.get(release.service) ?? { ready: true }
    const verdict: Verdict = ready ? 'ready' : `failed: ${shortened(reason)}`
    // What was ready once was a good version: what became of it since is for `status` to say.
    if (release.verdict === 'ready' || release.verdict === verdict) return []
    const measured = ready && startSeconds !== undefined ? { startSeconds } : {}
    return [note(release, { verdict, wentBack: !ready && settling.goesBack.has(release.service), ...measured })]
  })
  const overtaken = books.overtaken.map((release) => note(release, { verdict: overtakenVerdict, wentBack: false }))
  const noted = await noteRecords(hands, [...newest, ...overtaken])
  return noted.ok
    ? removeRecords(
        hands,
        books.dropped.map(({ record }) => record),
      )
    : noted
}

const note = ({ record }: Release, said: Parameters<typeof verdictNote>[0]) => ({
  record,
  annotations: verdictNote(said),
})
