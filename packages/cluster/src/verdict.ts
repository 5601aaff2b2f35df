import type { KubeObject } from '@homeslice/render'
import {
  additionsOf,
  fieldManager,
  hasOurValues,
  inWords,
  managersOf,
  nameOf,
  overlaid,
  type Verdict,
  withoutAdditions,
} from '@homeslice/plan'
import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { applyObject, managersIn, type Refusal, type Said } from './objects.ts'

/** Asks the server what an object would become, without changing it. */
export const verdictOn = async (
  connection: Connection,
  desired: KubeObject,
  live: KubeObject,
): Promise<Verdict | Failure> => {
  if (desired.kind === 'Secret') return verdictOnSecret(desired, live)
  const additions = additionsOf(desired, live)
  const gently = await applyObject(connection, desired, { dryRun: true })
  const said = isConflict(gently) ? await applyObject(connection, desired, { dryRun: true, force: true }) : gently
  const takenFrom = [...new Set([...othersIn(gently), ...additions.map(({ by }) => by.manager)])]
  if (said.ok) return { kind: 'becomes', object: withoutAdditions(said.object, additions), takenFrom }
  if (!('problem' in said)) return said
  if (said.problem === 'immutable') return { kind: 'immutable', message: said.message }
  if (additions.length > 0) {
    // What others added may not go with what we want, such as two ports of one name: it is gone before we apply.
    return { kind: 'becomes', object: overlaid(desired, withoutAdditions(live, additions)), takenFrom }
  }
  const words = inWords(nameOf(desired))
  return said.problem === 'invalid'
    ? failure('failed', `${words} is not accepted: ${said.message}`, 'if the home file is right, this is a bug of ours')
    : failure('failed', `${words} changed while it was looked at: ${said.message}`, 'run it again')
}

/**
 * The values of a Secret are not known here, and its name holds their version: only what it says about itself can differ,
 * and whether the values are those that we wrote.
 */
const verdictOnSecret = (desired: KubeObject, live: KubeObject): Verdict => {
  const metadata = { ...live.metadata, labels: { ...live.metadata.labels, ...desired.metadata.labels } }
  if (hasOurValues(live)) return { kind: 'becomes', object: { ...live, metadata }, takenFrom: [] }
  if (live.immutable === true || live.type !== desired.type)
    return { kind: 'immutable', message: 'somebody else made it anew' }
  const takenFrom = managersOf(live).map(({ manager }) => manager)
  return { kind: 'becomes', object: { ...live, immutable: true, metadata }, takenFrom }
}

/** Who else holds fields that we want. A namespace was made under our own name, by another operation than applying. */
const othersIn = (said: Said): string[] =>
  isConflict(said) ? managersIn(said).filter((name) => name !== fieldManager) : []

const isConflict = (said: Said): said is Refusal => 'problem' in said && said.problem === 'conflict'
