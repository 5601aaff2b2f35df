import { type Connection, type Estate, failure, type Failure, membersOf, observe, readRecord } from '@homeslice/cluster'
import { identityOf, type KubeObject } from '@homeslice/render'
import { book, newestFirst, ofService, startSecondsIn } from './keep.ts'
import { type Outlook, readHistory, setOfService, wantedOf } from './outlook.ts'
import { unpack } from './pack.ts'
import type { Release } from './release.ts'

/** Which service goes back, and how far. */
export type GoingBack = {
  readonly estate: Estate
  readonly service: string
  /** The number of a kept version. @default the newest one that was ready before the current one, and differs from it */
  readonly to?: number
  readonly allow: readonly string[]
}

/** What going back would change. */
export type BackOutlook = Outlook & { readonly from: Release; readonly target: Release }

/** Looks at what bringing a kept version of a service back would change. */
export const lookBack = async (
  connection: Connection,
  { estate, service, to, allow }: GoingBack,
): Promise<BackOutlook | Failure> => {
  const read = await readHistory(connection, estate)
  if (!read.ok) return read
  const chosen = chooseTarget(read.history, service, to)
  if (!chosen.ok) return chosen
  const { target, from } = chosen
  const held = await readRecord(connection, target.record)
  if (!held.ok) return held
  const objects = unpack(held.record)
  if (objects === undefined) return failure('failed', `version ${target.number} of ${service} was too large to be kept`)
  const set = setOfService(estate, service)
  const sets = { [set]: objects }
  const books = book(
    read.history,
    wantedOf(estate, sets).map((one) => ({ ...one, rolledBackTo: target.number })),
  )
  // Their values are known to nobody here: those that are there stay as they are.
  const desired = membersOf({ sets }).filter(({ kind }) => kind !== 'Secret')
  const startSeconds = startSecondsIn(read.history)
  const observed = await observe(connection, estate, { desired, allow, kept: books.holds, set, startSeconds })
  if (!observed.ok) return observed
  const missing = missingSecret(objects, observed.live)
  if (missing !== undefined) {
    return failure(
      'failed',
      `version ${target.number} of ${service} reads the Secret ${missing}, which is gone; nothing was changed`,
      `choose another version: homeslice status ${service}`,
    )
  }
  return { estate, sets, desired, books, from, target, ...observed }
}

type Chosen = { readonly ok: true; readonly target: Release; readonly from: Release } | Failure

/** The version that a service goes back to, and the one that it goes back from. */
export const chooseTarget = (history: readonly Release[], service: string, to?: number): Chosen => {
  const releases = newestFirst(ofService(history, service))
  const [from] = releases
  if (from === undefined) {
    const names = [...new Set(history.map((release) => release.service))].toSorted()
    const fix = names.length > 0 ? `there are versions of: ${names.join(', ')}` : 'bring it up first: homeslice up'
    return failure('failed', `there is no version of a service "${service}"`, fix)
  }
  const kept = `see those that are kept: homeslice status ${service}`
  const target = to === undefined ? previous(releases, from) : releases.find(({ number }) => number === to)
  if (target === undefined) {
    return to === undefined
      ? failure('failed', `${service} has no other version that was ready before version ${from.number}`, kept)
      : failure('failed', `version ${to} of ${service} is not kept`, kept)
  }
  if (!target.whole) return failure('failed', `version ${target.number} of ${service} was too large to be kept`, kept)
  return { ok: true, target, from }
}

const previous = (releases: readonly Release[], from: Release): Release | undefined =>
  releases.find(({ verdict, version, whole }) => verdict === 'ready' && version !== from.version && whole)

const missingSecret = (objects: readonly KubeObject[], live: readonly KubeObject[]): string | undefined => {
  const there = new Set(live.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(identityOf))
  const missing = objects.find((object) => object.kind === 'Secret' && !there.has(identityOf(object)))
  return missing && `${missing.metadata.namespace}/${missing.metadata.name}`
}
