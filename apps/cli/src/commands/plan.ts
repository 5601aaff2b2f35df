import { membersOf, observe } from '@homeslice/cluster'
import { exitOf, reach } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHouse } from '../house.ts'
import { assess, connectionFor, stayingWords } from '../lacks.ts'
import { failed, type Outcome } from '../outcome.ts'
import { planDocument, type PlanDocument, planWords, stoppedError } from '../plan-words.ts'

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
  const desired = membersOf(house.rendered)
  const connection = connectionFor(reached.connection, house)
  const [ground, observed] = await Promise.all([
    assess(connection, house),
    observe(connection, estate, { desired, allow: flags.allow ?? [] }),
  ])
  if (!observed.ok) {
    return ground.ok ? failed(exitOf(observed), observed, nothing) : failed(ground.exit, ground.error, nothing)
  }
  const { plan: made, staying } = observed
  const stopped = made.stopped.length > 0 ? { exit: 3 as const, error: stoppedError(made.stopped) } : undefined
  return {
    exit: 0,
    document: planDocument(estate.env, made),
    text: [planWords(made), ...stayingWords(staying)].join('\n'),
    ...(ground.ok ? stopped : { exit: ground.exit, error: ground.error }),
  }
}
