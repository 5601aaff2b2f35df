import type { KubeObject } from '@homeslice/render'
import { differences, ownsMoreThan } from '@homeslice/plan'
import { systemNamespace } from './applyset.ts'
import type { Connection } from './connection.ts'
import { allOf, failure, type Failure } from './failure.ts'
import { fence } from './fence.ts'
import { many } from './many.ts'
import { applyObject, createObject, getObject } from './objects.ts'

/** Our own namespace. Not `managed-by`: the fence asks whatever has that label who wrote it. */
export const systemObject: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: systemNamespace,
    labels: { 'app.kubernetes.io/part-of': 'homeslice', 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
}

/** The ground that every writer stands on, shared by all homes on a cluster: our namespace and the fence. */
export const ground: readonly KubeObject[] = [systemObject, ...fence]

/** What of the ground is not there, or not as this program needs it. */
export const missingGround = async (
  connection: Connection,
): Promise<{ readonly ok: true; readonly missing: readonly KubeObject[] } | Failure> => {
  const found = await many(ground, ground.length, async (object) => {
    const there = await getObject(connection, object)
    if (there.ok) return { ok: true as const, missing: isAsNeeded(object, there.object) ? [] : [object] }
    if (!('problem' in there)) return there
    return { ok: true as const, missing: [object] }
  })
  const told = allOf(found)
  return told.ok ? { ok: true, missing: told.all.flatMap(({ missing }) => missing) } : told
}

/** The namespace is everybody's: what others said about it stays. */
const isAsNeeded = (object: KubeObject, there: KubeObject): boolean =>
  object === systemObject || (differences(object, there).length === 0 && !ownsMoreThan(object, there))

/** Makes the ground ready; writes nothing where it is. */
export const layGround = async (connection: Connection): Promise<{ readonly ok: true } | Failure> => {
  const found = await missingGround(connection)
  if (!found.ok) return found
  const [namespace, ...rest] = [systemObject, ...fence].map((object) => found.missing.includes(object) && object)
  const made = namespace ? [await createObject(connection, namespace)] : []
  const fenced = await many(rest, rest.length, async (object) =>
    object ? applyObject(connection, object, { force: true }) : undefined,
  )
  for (const said of [...made, ...fenced]) {
    if (said === undefined || said.ok || ('problem' in said && said.problem === 'conflict')) continue
    return 'problem' in said ? failure('failed', `${systemNamespace} cannot be made ready: ${said.message}`) : said
  }
  return { ok: true }
}
