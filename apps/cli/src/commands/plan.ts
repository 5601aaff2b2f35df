import { lookAhead } from '@homeslice/release'
import { exitOf, reach } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHouse } from '../house.ts'
import { assess, connectionFor, stayingWords } from '../lacks.ts'
import { failed, type Outcome } from '../outcome.ts'
import { causesIn, planDocument, type PlanDocument, planWords, stoppedError } from '../plan-words.ts'

/** `homeslice plan`: what `up` would change; changes nothing. */
export const plan = async (
  context: Context,
  flags: HomeFlags & { readonly allow?: readonly string[] },
): Promise<Outcome<PlanDocument>> => {
  const nothing: PlanDocument = { environment: flags.env, changes: [], stopped: [] }
  const house = await loadHouse(context, flags)
  if (!house.ok) return failed(house.exit, house.error, nothing)
  const reached = await reach(context, house.home)
  if (!reached.ok) return failed(reached.exit, reached.error, nothing)
  const estate = { home: house.home.name, env: house.environment.name }
  const { sets } = house.rendered
  const connection = connectionFor(reached.connection, house)
  const [ground, outlook] = await Promise.all([
    assess(connection, house),
    lookAhead(connection, { estate, sets, allow: flags.allow ?? [] }),
  ])
  if (!outlook.ok) {
    return ground.ok ? failed(exitOf(outlook), outlook, nothing) : failed(ground.exit, ground.error, nothing)
  }
  const { plan: made, staying, noRoom } = outlook
  const stopped = made.stopped.length > 0 ? { exit: 3 as const, error: stoppedError(made) } : undefined
  return {
    exit: 0,
    document: planDocument(estate.env, made),
    text: [planWords(made, { cause: causesIn(house), noRoom }), ...stayingWords(staying)].join('\n'),
    ...(ground.ok ? stopped : { exit: ground.exit, error: ground.error }),
  }
}
