import {
  type Connection,
  type Estate,
  type Failure,
  listRecords,
  membersOf,
  observe,
  type Observed,
} from '@homeslice/cluster'
import { type KubeObject, setOf, versionOf } from '@homeslice/render'
import { book, type Books, gone, startSecondsIn, type Wanted } from './keep.ts'
import { holdsOf, type Release, releaseFrom } from './release.ts'

/** Rendered objects by set: one per service, and `<home>-<env>-platform`. */
export type Sets = Readonly<Record<string, readonly KubeObject[]>>

/** What an environment is to become. */
export type Looking = {
  readonly estate: Estate
  readonly sets: Sets
  /** What is allowed by name, such as `data-loss:notes`. */
  readonly allow: readonly string[]
}

/** What would change, and what the records come to; nothing is written yet. */
export type Outlook = Observed & {
  readonly estate: Estate
  readonly sets: Sets
  readonly desired: readonly KubeObject[]
  readonly books: Books
}

/** The versions that are recorded, or why they cannot be told. */
export const readHistory = async (
  connection: Connection,
  estate: Estate,
): Promise<{ readonly ok: true; readonly history: Release[] } | Failure> => {
  const listed = await listRecords(connection, estate)
  return listed.ok ? { ok: true, history: listed.records.map(releaseFrom) } : listed
}

/** Looks at what bringing an environment to these sets would change. What kept versions read is no change. */
export const lookAhead = async (
  connection: Connection,
  { estate, sets, allow }: Looking,
): Promise<Outlook | Failure> => {
  const read = await readHistory(connection, estate)
  if (!read.ok) return read
  const wanted = wantedOf(estate, sets)
  const booked = book(read.history, wanted)
  const books = { ...booked, dropped: [...booked.dropped, ...gone(read.history, wanted)] }
  const desired = membersOf({ sets })
  const observed = await observe(connection, estate, {
    desired,
    allow,
    kept: books.holds,
    startSeconds: startSecondsIn(read.history),
  })
  return observed.ok ? { estate, sets, desired, books, ...observed } : observed
}

/** Each set as its service is booked. */
export const wantedOf = (estate: Estate, sets: Sets): Wanted[] =>
  Object.entries(sets).map(([set, objects]) => ({
    service: serviceOfSet(estate, set),
    version: versionOf(objects),
    holds: holdsOf(objects),
  }))

/** The name of the set of a service. */
export const setOfService = (estate: Estate, service: string): string => setOf({ ...estate, service })

const serviceOfSet = (estate: Estate, set: string): string => set.slice(setOfService(estate, '').length)
