import { type Connection, type Estate, failure, type Failure, fillObject, getObject } from '@homeslice/cluster'
import { type Drift, isGroup, textAt } from '@homeslice/plan'
import { keeperManager, keeperName, type KubeObject, namespaceOf, seenName } from '@homeslice/render'

/** Drift, and when it was noticed first: of what is gone the cluster says neither when nor who. */
export type Sighting = Drift & { readonly noticed: string }

/** What the keeper saw when it looked last. */
export type Seen = {
  /** ISO 8601. */
  readonly time: string
  /** How many changes there are; only the first ones are told one by one. */
  readonly count: number
  readonly drift: readonly Sighting[]
  /** Services of which it cannot be told. */
  readonly blind: readonly string[]
}

/** As many changes as fit into one object, whatever they say. */
const most = 500

const key = 'drift.json'

/** What is seen now, beside what was seen before: what is not new keeps the time at which it was noticed. */
export const seenAt = (
  time: string,
  { drift, blind }: Pick<Seen, 'blind'> & { readonly drift: readonly Drift[] },
  before: readonly Sighting[],
): Seen => {
  const noticed = new Map(before.map((one) => [keyOf(one), one.noticed]))
  const sightings = drift.slice(0, most).map((one) => ({ ...one, noticed: noticed.get(keyOf(one)) ?? time }))
  return { time, count: drift.length, drift: sightings, blind }
}

const keyOf = ({ object, change, path = '', manager = '' }: Drift): string =>
  JSON.stringify([object, change, path, manager])

/** Whether two looks saw the same, whenever that was. */
export const sameSight = (one: Seen, other: Seen): boolean => bare(one) === bare(other)

const bare = ({ count, drift, blind }: Seen): string => JSON.stringify([count, drift, blind])

const placeOf = (estate: Estate): Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: seenName, namespace: namespaceOf({ ...estate, service: keeperName }) },
})

/** Writes what was seen to where everybody finds it, as the keeper. */
export const writeSeen = async (
  connection: Connection,
  estate: Estate,
  seen: Seen,
): Promise<{ readonly ok: true } | Failure> => {
  const data = { [key]: JSON.stringify(seen) }
  const said = await fillObject(connection, placeOf(estate), { manager: keeperManager, data })
  if (said.ok) return { ok: true }
  return 'problem' in said ? failure('failed', `what was seen cannot be written: ${said.message}`) : said
}

/** What the keeper saw last; nothing where there is no keeper, or it has not looked yet. */
export const readSeen = async (
  connection: Connection,
  estate: Estate,
): Promise<{ readonly ok: true; readonly seen: Seen | undefined } | Failure> => {
  const said = await getObject(connection, placeOf(estate))
  if (said.ok) return { ok: true, seen: seenIn(said.object) }
  return 'problem' in said ? { ok: true, seen: undefined } : said
}

/** What an object holds that says what was seen; nothing where it says nothing that can be read. */
export const seenIn = (object: KubeObject): Seen | undefined => {
  try {
    const seen: unknown = JSON.parse(textAt(object, 'data', key))
    // Only the keeper writes it; whoever else does is told as drift.
    return isGroup(seen) && Array.isArray(seen.drift) && Array.isArray(seen.blind) ? (seen as Seen) : undefined
  } catch {
    return undefined
  }
}
