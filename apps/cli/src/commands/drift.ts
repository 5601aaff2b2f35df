import type { Connection, Estate } from '@homeslice/cluster'
import { driftLooker, readSeen, seenAt } from '@homeslice/release'
import { exitOf } from '../cluster.ts'
import { driftWords } from '../drift-words.ts'
import { failed, type Outcome } from '../outcome.ts'

/** `homeslice status --drift`: what others changed in the cluster since it was applied. */
export const drift = async (connection: Connection, estate: Estate): Promise<Outcome> => {
  const nothing = { environment: estate.env, drift: [], blind: [] }
  const seen = await driftLooker(connection)({ estate, secrets: true })
  if (!seen.ok) return failed(exitOf(seen), seen, nothing)
  const { objects, blind } = seen
  // The keeper has looked before: of what is gone, only it knows since when.
  const kept = await readSeen(connection, estate)
  const before = kept.ok ? (kept.seen?.drift ?? []) : []
  const { drift: sightings } = seenAt(new Date().toISOString(), seen, before)
  return {
    exit: 0,
    document: { environment: estate.env, drift: sightings, blind },
    text: driftWords(estate, { drift: sightings, blind, objects }),
  }
}
