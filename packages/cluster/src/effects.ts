import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '@homeslice/render'
import { inWords, nameOf } from '@homeslice/plan'
import type { Connection } from './connection.ts'
import { failure, type Failure, type Report } from './failure.ts'
import { applyObject, createObject, deleteObject, getObject, type Said } from './objects.ts'

/** The values of a Secret's one version, by its name in the cluster, as base64 by key. */
export type SecretData = (name: string) => Promise<Readonly<Record<string, string>> | undefined>

/** What effects need: the cluster, the secrets, and whom to tell. */
export type Hands = { readonly connection: Connection; readonly secretData: SecretData; readonly report: Report }

const goneSeconds = 90

type Done = { readonly ok: true } | Failure

/** Applies one object under our name, taking back fields that the plan showed. */
export const put = async ({ connection, secretData, report }: Hands, object: KubeObject): Promise<Done> => {
  const filled = await withSecret(object, secretData)
  if (!filled.ok) return filled
  const said =
    object.kind === 'Namespace'
      ? await putNamespace(connection, object)
      : await applyObject(connection, filled.object, { force: true })
  if (said.ok) {
    report({ task: 'changes', state: 'progress', detail: `applied ${inWords(nameOf(object))}` })
    return said
  }
  return asFailure(object, said)
}

const asFailure = (object: KubeObject, said: Exclude<Said, { ok: true }>): Failure =>
  'problem' in said
    ? failure(
        'failed',
        `${inWords(nameOf(object))} is not accepted: ${said.message}`,
        'if the home file is right, this is a bug: please report it',
      )
    : said

/** A namespace is made, never taken over. One that is on its way out is waited for. */
const putNamespace = async (connection: Connection, namespace: KubeObject): Promise<Said> => {
  for (let tries = 0; tries < goneSeconds * 4; tries += 1) {
    const made = await createObject(connection, namespace)
    if (made.ok || !('problem' in made) || made.problem !== 'conflict') return made
    const there = await getObject(connection, namespace)
    if (!there.ok) {
      if ('problem' in there && there.problem === 'missing') continue
      return there
    }
    if (there.object.metadata.deletionTimestamp === undefined) return takeIfOurs(connection, namespace, there.object)
    await sleep(250)
  }
  return failure(
    'failed',
    `the namespace ${namespace.metadata.name} does not go away`,
    'look at its finalizers: kubectl get namespace -o yaml',
  )
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
  const name = object.metadata.name.replace(/-v\d+$/u, '')
  return data === undefined
    ? failure('failed', `the secret ${name} is missing`, `set it: homeslice secrets set ${name}`)
    : { ok: true, object: { ...object, data } }
}

/** Deletes one object and waits until it is gone. */
export const remove = async ({ connection, report }: Hands, object: KubeObject): Promise<Done> => {
  const words = inWords(nameOf(object))
  const deleted = await deleteObject(connection, object)
  if (!deleted.ok) return deleted
  for (const end = performance.now() + goneSeconds * 1000; performance.now() < end; await sleep(200)) {
    const there = await getObject(connection, object)
    if (!there.ok && 'problem' in there) {
      report({ task: 'changes', state: 'progress', detail: `deleted ${words}` })
      return { ok: true }
    }
    if (!there.ok) return there
    if (there.object.metadata.uid !== object.metadata.uid) return { ok: true }
  }
  return failure(
    'failed',
    `${words} does not go away within ${goneSeconds} s`,
    'look at its finalizers: kubectl get -o yaml',
  )
}
