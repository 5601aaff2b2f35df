import type { KubeObject } from '@homeslice/render'
import { fieldManager, inWords, nameOf, type Verdict } from '@homeslice/plan'
import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { applyObject, managersIn, type Refusal, type Said } from './objects.ts'

/** Asks the server what an object would become, without changing it. */
export const verdictOn = async (
  connection: Connection,
  desired: KubeObject,
  live: KubeObject,
): Promise<Verdict | Failure> => {
  if (desired.kind === 'Secret') {
    // Its values are not known here, and its name holds their version: only what it says about itself can differ.
    const metadata = { ...live.metadata, labels: { ...live.metadata.labels, ...desired.metadata.labels } }
    return { kind: 'becomes', object: { ...live, metadata }, takenFrom: [] }
  }
  const gently = await applyObject(connection, desired, { dryRun: true })
  const said = isConflict(gently) ? await applyObject(connection, desired, { dryRun: true, force: true }) : gently
  if (said.ok) return { kind: 'becomes', object: said.object, takenFrom: othersIn(gently) }
  if (!('problem' in said)) return said
  if (said.problem === 'immutable') return { kind: 'immutable', message: said.message }
  const words = inWords(nameOf(desired))
  return said.problem === 'invalid'
    ? failure('failed', `${words} is not accepted: ${said.message}`, 'if the home file is right, this is a bug of ours')
    : failure('failed', `${words} changed while it was looked at: ${said.message}`, 'run it again')
}

/** Who else holds fields that we want. A namespace was made under our own name, by another operation than applying. */
const othersIn = (said: Said): string[] =>
  isConflict(said) ? managersIn(said).filter((name) => name !== fieldManager) : []

const isConflict = (said: Said): said is Refusal => 'problem' in said && said.problem === 'conflict'
