import { setTimeout as sleep } from 'node:timers/promises'
import { type KubeObject, secretIn } from '@homeslice/render'
import { inWords, nameOf } from '@homeslice/plan'
import type { Connection } from './connection.ts'
import { failure, type Failure, type Report } from './failure.ts'
import { groupsAt, textAt } from './json.ts'
import { applyObject, createObject, deleteObject, getObject, managersIn, type Said } from './objects.ts'
import { markedBy, type Writer } from './mark.ts'
import { oldCopyIn } from './old-copy.ts'

/** The values of a Secret's one version, by its name in the cluster, as base64 by key. */
export type SecretData = (name: string) => Promise<Readonly<Record<string, string>> | undefined>

/** What effects need: the cluster, the right to write to it, the secrets, and whom to tell. */
export type Hands = {
  readonly connection: Connection
  readonly writer: Writer
  readonly secretData: SecretData
  readonly report: Report
}

const goneSeconds = 90

type Done = { readonly ok: true } | Failure

/** Applies one object under our name. `force` takes fields from other managers: only where the plan showed it. */
export const put = async (
  { connection, writer, secretData, report }: Hands,
  object: KubeObject,
  { force }: { readonly force: boolean },
): Promise<Done> => {
  const filled = await withSecret(object, secretData)
  if (!filled.ok) return filled
  const said =
    object.kind === 'Namespace'
      ? await putNamespace(connection, markedBy(writer, object))
      : await putWhenGone(connection, markedBy(writer, filled.object), force)
  if (said.ok) {
    report({ task: 'changes', state: 'progress', detail: `applied ${inWords(nameOf(object))}` })
    return { ok: true }
  }
  return asFailure(object, said)
}

/** What the server would not do to an object, in words. */
export const asFailure = (object: KubeObject, said: Exclude<Said, { ok: true }>): Failure => {
  if (!('problem' in said)) return said
  const words = inWords(nameOf(object))
  if (said.problem === 'late') {
    const old = oldCopyIn(said.message)
    if (old !== undefined) return old
    return failure(
      'refused',
      `${words} was not written, since another run took over: ${said.message}`,
      'run it again once the other one is done',
    )
  }
  if (said.problem === 'conflict') {
    return failure(
      'failed',
      `${words} was changed by ${managersIn(said).join(', ') || 'somebody else'} in the meantime`,
      'see what would be taken back: homeslice plan',
    )
  }
  if (said.problem === 'missing' && !said.message.includes('namespaces')) {
    return failure(
      'failed',
      `the cluster knows no ${object.kind} (${object.apiVersion}), so ${words} cannot be made`,
      'install what brings it, such as the Gateway API or Traefik',
    )
  }
  return failure(
    'failed',
    `${words} is not accepted: ${said.message}`,
    'if the home file is right, this is a bug: please report it',
  )
}

/** What is still on its way out would take our change with it: so it is applied again once that is gone. */
const putWhenGone = async (connection: Connection, object: KubeObject, force: boolean): Promise<Said> => {
  const said = await applyObject(connection, object, { force })
  if (!said.ok || said.object.metadata.deletionTimestamp === undefined) return said
  const gone = await untilGone(connection, said.object)
  return gone.ok ? applyObject(connection, object, { force }) : gone
}

/** A namespace is made, never taken over. One that is on its way out is waited for. */
const putNamespace = async (connection: Connection, namespace: KubeObject): Promise<Said> => {
  for (;;) {
    const made = await createObject(connection, namespace)
    if (made.ok || !('problem' in made) || made.problem !== 'conflict') return made
    const there = await getObject(connection, namespace)
    if (!there.ok) {
      if ('problem' in there && there.problem === 'missing') continue
      return there
    }
    if (there.object.metadata.deletionTimestamp === undefined) return takeIfOurs(connection, namespace, there.object)
    const gone = await untilGone(connection, there.object)
    if (!gone.ok) return gone
  }
}

const takeIfOurs = async (connection: Connection, namespace: KubeObject, there: KubeObject): Promise<Said> => {
  const mark = (object: KubeObject): string =>
    `${object.metadata.labels?.['homeslice.dev/home']}/${object.metadata.labels?.['homeslice.dev/env']}`
  if (mark(there) === mark(namespace)) return applyObject(connection, namespace, { force: true })
  return failure(
    'refused',
    `the namespace ${namespace.metadata.name} is there already, and it is not ours`,
    'rename the service, or remove that namespace yourself',
  )
}

const withSecret = async (
  object: KubeObject,
  secretData: SecretData,
): Promise<{ readonly ok: true; readonly object: KubeObject } | Failure> => {
  if (object.kind !== 'Secret') return { ok: true, object }
  const data = await secretData(object.metadata.name)
  const name = secretIn(object.metadata.name)
  return data === undefined
    ? failure('failed', `the secret ${name} is missing`, `set it: homeslice secrets set ${name}`)
    : { ok: true, object: { ...object, data: keyed(object, data) } }
}

/** Kubernetes wants the login that pulls images under a key of its own. */
const keyed = (object: KubeObject, data: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  object['type'] === 'kubernetes.io/dockerconfigjson' ? { '.dockerconfigjson': Object.values(data).join('') } : data

/** Deletes one object and waits until it is gone. */
export const remove = async (hands: Hands, object: KubeObject): Promise<Done> => {
  const deleted = await deleteSeen(hands, object)
  if (!deleted.ok) return deleted
  const gone = await untilGone(hands.connection, object)
  if (gone.ok) hands.report({ task: 'changes', state: 'progress', detail: `deleted ${inWords(nameOf(object))}` })
  return gone
}

/**
 * A delete says nothing about who writes, so the server cannot refuse a late one by that. It names the version that was
 * seen before the lease was looked at: whoever took over since has made another.
 */
const deleteSeen = async ({ connection, writer }: Hands, object: KubeObject): Promise<Done> => {
  for (;;) {
    const seen = await getObject(connection, object)
    if (!seen.ok) return asFailureUnlessGone(object, seen)
    if (seen.object.metadata.uid !== object.metadata.uid) return { ok: true }
    const confirmed = await writer.confirm()
    if (!confirmed.ok) return confirmed
    const deleted = await deleteObject(connection, seen.object)
    if (deleted.ok) return deleted
    if (!('problem' in deleted) || deleted.problem !== 'conflict') return asFailure(object, deleted)
  }
}

/** Waits until this very object is gone: one made anew under its name is another. */
const untilGone = async (connection: Connection, object: KubeObject): Promise<Done> => {
  const end = performance.now() + goneSeconds * 1000
  for (;;) {
    const there = await getObject(connection, object)
    if (!there.ok) return asFailureUnlessGone(object, there)
    if (there.object.metadata.uid !== object.metadata.uid) return { ok: true }
    if (performance.now() > end) return stays(there.object)
    await sleep(200)
  }
}

const asFailureUnlessGone = (object: KubeObject, said: Exclude<Said, { ok: true }>): Done =>
  'problem' in said && said.problem === 'missing' ? { ok: true } : asFailure(object, said)

/** Why an object does not go away, as far as it says itself. */
const stays = (object: KubeObject): Failure => {
  const { kind, metadata } = object
  const remaining = groupsAt(object, 'status', 'conditions')
    .filter(({ type, status }) => status === 'True' && /Remaining|Failure/u.test(String(type)))
    .map((condition) => textAt(condition, 'message'))
  const finalizers = Array.isArray(metadata.finalizers) ? `its finalizers are ${metadata.finalizers.join(', ')}` : ''
  const reasons = [...remaining, ...(remaining.length === 0 ? [finalizers] : [])].filter((reason) => reason !== '')
  return failure(
    'failed',
    `${inWords(nameOf(object))} does not go away within ${goneSeconds} s${reasons.map((one) => `: ${one}`).join('')}`,
    `look at it: kubectl get ${kind.toLowerCase()} ${metadata.name} -o yaml`,
  )
}
