import type { KubeObject } from '@homeslice/render'
import { additionsOf, takenOver } from '@homeslice/plan'
import { asFailure, type Hands } from './effects.ts'
import type { Failure } from './failure.ts'
import { getObject, ownObject } from './objects.ts'

/**
 * Makes what others added to an object ours in the books, and only there: our next apply, which does not speak of it,
 * takes it away in the same write as all else. Applying alone leaves what others own, and a patch of its own would roll
 * pods out twice.
 */
export const takeOver = async (
  { connection, writer }: Hands,
  desired: KubeObject,
  live: KubeObject,
): Promise<{ readonly ok: true } | Failure> => {
  if (additionsOf(desired, live).length === 0) return { ok: true }
  const now = await getObject(connection, desired)
  if (!now.ok) return 'problem' in now && now.problem === 'missing' ? { ok: true } : asFailure(desired, now)
  const additions = additionsOf(desired, now.object)
  if (additions.length === 0) return { ok: true }
  const said = await ownObject(connection, now.object, {
    managedFields: takenOver(now.object, additions),
    mark: writer.mark,
  })
  return said.ok ? said : asFailure(desired, said)
}
