import type { KubeObject } from '@homeslice/render'
import { fieldManager, isGroup, writerKey } from '@homeslice/plan'
import { touchedKey } from './applyset.ts'
import type { Connection, Places } from './connection.ts'
import { allOf, failure, type Failure } from './failure.ts'
import { policyName } from './fence.ts'
import { at, textAt } from './json.ts'
import { type Kind, kinds, pathOf, pathOfKind } from './kinds.ts'
import { many } from './many.ts'

/** What the server said to one object. */
export type Said = { readonly ok: true; readonly object: KubeObject } | Refusal | Failure

/** The server understood, and this object cannot be so: for the caller to judge. */
export type Refusal = {
  readonly ok: false
  readonly problem: 'conflict' | 'immutable' | 'invalid' | 'late' | 'missing'
  readonly message: string
  readonly causes: readonly Cause[]
}

/** One of several reasons, such as the manager of a field. */
type Cause = { readonly message: string; readonly field: string }

const pageSize = 500

const metadataOnly = (kind: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string =>
  `application/json;as=${kind};v=v1;g=meta.k8s.io`

/** Which objects of a kind: those with these labels, in this namespace. */
export type Selection = {
  readonly labels?: string
  readonly namespace?: string
  /** Only their metadata: what they hold may be large. @default false */
  readonly bare?: boolean
  /** How many at a time, where memory is short. @default 500 */
  readonly atOnce?: number
}

type Page = { readonly items: readonly KubeObject[]; readonly next: string }

type Listed = { readonly ok: true; readonly objects: KubeObject[] } | Failure

/**
 * Everything of a kind that is selected. A kind that the cluster does not have has none. Where the whole cluster may not
 * be looked through, the places of the home are.
 */
export const listKind = async (connection: Connection, kind: Kind, selection: Selection): Promise<Listed> => {
  const { places } = connection
  if (places === undefined || selection.namespace !== undefined) return listWhole(connection, kind, selection)
  const listed = places.closed.has(kind.plural) ? undefined : await listWhole(connection, kind, selection)
  if (listed !== undefined && (listed.ok || listed.forbidden !== true)) return listed
  places.closed.add(kind.plural)
  return listPlaces(connection, places, { kind, selection })
}

const placesAtOnce = 8

const listPlaces = async (
  connection: Connection,
  places: Places,
  { kind, selection: { labels = '', bare = false } }: { readonly kind: Kind; readonly selection: Selection },
): Promise<Listed> => {
  // Whoever may not look through the cluster's own kinds has made none of them; namespaces can be asked for by name.
  if (!kind.namespaced && kind.kind !== 'Namespace') return { ok: true, objects: [] }
  const named = await places.namespaces()
  if (!named.ok) return named
  const lists = await many(named.names, placesAtOnce, (name) =>
    kind.namespaced ? listPlace(connection, kind, { labels, bare, namespace: name }) : namespaceAt(connection, name),
  )
  const listed = allOf(lists)
  if (!listed.ok) return listed
  const objects = listed.all.flatMap((list) => list.objects)
  return { ok: true, objects: kind.namespaced ? objects : objects.filter((object) => hasLabels(object, labels)) }
}

/** Nobody is given a right in a namespace that is gone: so a refusal may only say that. */
const listPlace = async (
  connection: Connection,
  kind: Kind,
  place: Selection & { readonly namespace: string },
): Promise<Listed> => {
  const listed = await listWhole(connection, kind, place)
  if (listed.ok || listed.forbidden !== true) return listed
  const there = await namespaceAt(connection, place.namespace)
  return there.ok && there.objects.length === 0 ? there : listed
}

const namespaceAt = async (connection: Connection, name: string): Promise<Listed> => {
  const there = await getObject(connection, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  if (there.ok) return { ok: true, objects: [there.object] }
  if (!('problem' in there)) return there
  return there.problem === 'missing' ? { ok: true, objects: [] } : failure('failed', there.message)
}

const hasLabels = ({ metadata: { labels = {} } }: KubeObject, selector: string): boolean =>
  selector.split(',').every((pair) => {
    const [key = '', value] = pair.split('=')
    return key === '' || labels[key] === value
  })

const listWhole = async (connection: Connection, kind: Kind, selection: Selection): Promise<Listed> => {
  const objects: KubeObject[] = []
  let next = ''
  do {
    const page = await listPage(connection, kind, { ...selection, next })
    // The server forgets a list that is read too slowly: then from the start.
    if (page === 'expired') return listWhole(connection, kind, selection)
    if ('ok' in page) return page
    // Lists leave out what their items have in common.
    for (const item of page.items) objects.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })
    next = page.next
  } while (next !== '')
  return { ok: true, objects }
}

const listPage = async (
  connection: Connection,
  kind: Kind,
  { labels, namespace, bare = false, atOnce = pageSize, next }: Selection & { readonly next: string },
): Promise<Page | 'expired' | Failure> => {
  const query = new URLSearchParams({ limit: String(atOnce) })
  if (labels !== undefined) query.set('labelSelector', labels)
  if (next !== '') query.set('continue', next)
  const path = `${pathOfKind(kind, namespace)}?${query.toString()}`
  const answer = await connection.call({
    method: 'GET',
    path,
    ...(bare ? { accept: metadataOnly('PartialObjectMetadataList') } : {}),
  })
  if ('ok' in answer) return answer
  if (answer.status === 404) return { items: [], next: '' }
  if (answer.status === 410) return 'expired'
  if (answer.status !== 200) return unexpected(`list ${kind.plural}`, answer.status, answer.body)
  // A list of mere metadata that is empty has no items at all.
  const none = textAt(answer.body, 'kind') === 'PartialObjectMetadataList' ? [] : undefined
  const items = at(answer.body, 'items') ?? none
  // Nothing must never be taken for an empty cluster: something between us and the server may answer in its place.
  if (!Array.isArray(items)) return unexpected(`list ${kind.plural}`, answer.status, 'this is no list')
  return { items: items as KubeObject[], next: textAt(answer.body, 'metadata', 'continue') }
}

/** Everything that carries these labels, one list per kind. */
export const listAll = async (connection: Connection, labels: string): Promise<Listed> => {
  const listed = allOf(await Promise.all(kinds.map((kind) => listKind(connection, kind, { labels }))))
  return listed.ok ? { ok: true, objects: listed.all.flatMap(({ objects }) => objects) } : listed
}

/** One object as it is now; `bare`: only its metadata. */
export const getObject = async (
  connection: Connection,
  { apiVersion, kind, metadata }: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
  { bare = false }: Pick<Selection, 'bare'> = {},
): Promise<Said> => {
  const path = pathOf({ apiVersion, kind, metadata })
  const accept = bare ? { accept: metadataOnly('PartialObjectMetadata') } : {}
  const answer = await connection.call({ method: 'GET', path, ...accept })
  if ('ok' in answer) return answer
  const one = said(`read ${kind} ${metadata.name}`, answer)
  return one.ok ? { ok: true, object: { ...one.object, apiVersion, kind } } : one
}

/** Server-side apply under our name. `force` takes fields from other managers; `dryRun` changes nothing. */
export const applyObject = async (
  connection: Connection,
  object: KubeObject,
  { force = false, dryRun = false }: { readonly force?: boolean; readonly dryRun?: boolean } = {},
): Promise<Said> => {
  const query = new URLSearchParams({ fieldManager, force: String(force), ...(dryRun ? { dryRun: 'All' } : {}) })
  const answer = await connection.call({
    method: 'PATCH',
    path: `${pathOf(object)}?${query.toString()}`,
    body: object,
    contentType: 'application/apply-patch+yaml',
  })
  return 'ok' in answer ? answer : said(`apply ${object.kind} ${object.metadata.name}`, answer)
}

/** Makes an object that must not be there yet. */
export const createObject = async (connection: Connection, object: KubeObject): Promise<Said> => {
  const path = `${pathOf(object).slice(0, -object.metadata.name.length - 1)}?fieldManager=${fieldManager}`
  const answer = await connection.call({ method: 'POST', path, body: object })
  return 'ok' in answer ? answer : said(`create ${object.kind} ${object.metadata.name}`, answer)
}

/** Replaces an object that still is as it was seen: its `resourceVersion` says which version that was. */
export const replaceObject = async (connection: Connection, object: KubeObject): Promise<Said> => {
  const answer = await connection.call({ method: 'PUT', path: pathOf(object), body: object })
  return 'ok' in answer ? answer : said(`replace ${object.kind} ${object.metadata.name}`, answer)
}

/** Makes a new version of an object that says nothing new but who touched it. */
export const touchObject = (connection: Connection, object: KubeObject, mark: string): Promise<Said> =>
  annotate(connection, object, { manager: `${fieldManager}-touch`, annotations: { [touchedKey]: mark } })

/** Writes annotations of an object under our name; all else stays as it is. */
export const noteObject = (
  connection: Connection,
  object: KubeObject,
  annotations: Readonly<Record<string, string>>,
): Promise<Said> => annotate(connection, object, { manager: fieldManager, annotations })

const annotate = async (
  connection: Connection,
  object: KubeObject,
  { manager, annotations }: { readonly manager: string; readonly annotations: Readonly<Record<string, string>> },
): Promise<Said> => {
  const answer = await connection.call({
    method: 'PATCH',
    path: `${pathOf(object)}?fieldManager=${manager}`,
    body: { metadata: { annotations } },
    contentType: 'application/merge-patch+json',
  })
  return 'ok' in answer ? answer : said(`annotate ${object.kind} ${object.metadata.name}`, answer)
}

/** Writes what an object of ours holds whose content is somebody else's, under the name of that one. */
export const fillObject = async (
  connection: Connection,
  object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
  { manager, data }: { readonly manager: string; readonly data: Readonly<Record<string, string>> },
): Promise<Said> => {
  const answer = await connection.call({
    method: 'PATCH',
    path: `${pathOf(object)}?fieldManager=${manager}`,
    body: { data },
    contentType: 'application/merge-patch+json',
  })
  return 'ok' in answer ? answer : said(`write ${object.kind} ${object.metadata.name}`, answer)
}

/** Writes who owns which fields of an object that still is as it was seen, and nothing else of it. */
export const ownObject = async (
  connection: Connection,
  object: KubeObject,
  { managedFields, mark }: { readonly managedFields: readonly object[]; readonly mark: string },
): Promise<Said> => {
  const { resourceVersion } = object.metadata
  const answer = await connection.call({
    method: 'PATCH',
    path: `${pathOf(object)}?fieldManager=${fieldManager}`,
    body: { metadata: { managedFields, resourceVersion, annotations: { [writerKey]: mark } } },
    contentType: 'application/merge-patch+json',
  })
  return 'ok' in answer ? answer : said(`take over ${object.kind} ${object.metadata.name}`, answer)
}

/** Deletes exactly this version of an object; `conflict` says that there is another one by now. Gone already is fine. */
export const deleteObject = async (
  connection: Connection,
  object: KubeObject,
): Promise<{ readonly ok: true } | Refusal | Failure> => {
  const { uid, resourceVersion } = object.metadata
  const preconditions = { uid, resourceVersion }
  const answer = await connection.call({
    method: 'DELETE',
    path: pathOf(object),
    body: { propagationPolicy: 'Background', preconditions },
  })
  if ('ok' in answer) return answer
  if (answer.status < 300 || answer.status === 404) return { ok: true }
  return said(`delete ${object.kind} ${object.metadata.name}`, answer)
}

const said = (doing: string, { status, body }: { readonly status: number; readonly body: unknown }): Said => {
  if (status < 300 && isGroup(body)) return { ok: true, object: body as KubeObject }
  const { message, causes } = statusOf(body)
  if (message.includes(`'${policyName}'`)) return { ok: false, problem: 'late', message, causes }
  if (status === 404) return { ok: false, problem: 'missing', message, causes }
  if (status === 409) return { ok: false, problem: 'conflict', message, causes }
  if (isImmutable(status, message)) return { ok: false, problem: 'immutable', message, causes }
  if (status === 422) return { ok: false, problem: 'invalid', message, causes }
  return unexpected(doing, status, body)
}

/**
 * The server says "invalid" to nonsense too, and nonsense must never lead to a delete: only words that speak of a change
 * count. A volume that its class cannot make larger is refused in yet another way.
 */
const isImmutable = (status: number, message: string): boolean =>
  (status === 422 && /immutable|may not (be )?change|cannot be changed|can not be less than/u.test(message)) ||
  (status === 403 && message.includes('must support resize'))

const statusOf = (body: unknown): { message: string; causes: Cause[] } => {
  if (typeof body !== 'object' || body === null) return { message: String(body).slice(0, 200), causes: [] }
  const { message = '', details } = body as { message?: string; details?: { causes?: Cause[] } }
  return { message, causes: details?.causes ?? [] }
}

/** Who else holds fields that we want, as the server names them: `conflict with "kubectl-edit" using apps/v1`. */
export const managersIn = ({ causes, message }: Refusal): string[] => {
  const names = [message, ...causes.map((cause) => cause.message)].flatMap(
    (text) => /conflicts? with "([^"]+)"/u.exec(text)?.[1] ?? [],
  )
  return [...new Set(names)]
}

const unexpected = (doing: string, status: number, body: unknown): Failure => {
  const { message } = statusOf(body)
  if (status === 401)
    return failure('unreachable', `the cluster no longer knows who you are: ${message}`, 'sign in again')
  if (status === 403)
    return {
      ...failure('failed', `you may not ${doing}: ${message}`, 'ask whoever runs the cluster for that right'),
      forbidden: true,
    }
  if (message.includes('database space exceeded')) {
    return failure(
      'failed',
      `the cluster would not ${doing}: its database is full`,
      'make room on it (etcd: compact, defragment, then disarm the alarm), or free the disk of its control plane',
    )
  }
  return failure(
    'failed',
    `the cluster would not ${doing}: ${status} ${message}`,
    'run it again; if it stays, look at the API server’s log',
  )
}
