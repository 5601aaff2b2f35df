import { type Account, type Collection, collections, type Fields } from './account.ts'

/** An answer of the API. */
export type Answer = { readonly status: number; readonly body: unknown }

/** What the API is asked. */
export type Call = {
  readonly method: string
  /** With the part behind the question mark. */
  readonly url: string
  readonly body: Fields
}

/** An error in the shape of the API. */
export const refusal = (status: number, tag: string, error: string): Answer => ({
  status,
  body: { error, error_code: status, error_extra: {}, error_tag: tag, http_code: status },
})

const isCollection = (word: unknown): word is Collection => collections.some((one) => one === word)

/** Answers one call; `keep` is false where the API says yes and does nothing. */
export const answerCall = (account: Account, { method, url, body }: Call, keep = true): Answer => {
  const { pathname, searchParams } = new URL(url, 'http://todoist')
  const [, api, version, word, ...more] = pathname.split('/')
  if (api !== 'api' || version !== 'v1') return refusal(410, 'GONE', 'This endpoint is deprecated')
  if (method === 'POST' && word === 'sync') return answerSync(account, body, keep)
  if (!isCollection(word) || more.length > 0) return refusal(404, 'NOT_FOUND', 'Not found')
  if (method === 'GET') return page(chosen(account.list(word), searchParams), searchParams)
  if (method !== 'POST') return refusal(405, 'METHOD_NOT_ALLOWED', 'Method not allowed')
  const made = account.add(word, body)
  return typeof made === 'string' ? refusal(400, 'INVALID_ARGUMENT', made) : { status: 200, body: made }
}

/** Those of one project, section, parent or task, where the call names it. */
const chosen = (all: readonly Fields[], asked: URLSearchParams): readonly Fields[] =>
  ['project_id', 'section_id', 'parent_id', 'task_id'].reduce((found, key) => {
    const wanted = asked.get(key)
    return wanted === null ? found : found.filter((one) => one[key === 'task_id' ? 'item_id' : key] === wanted)
  }, all)

const mostOnPage = 200

const page = (all: readonly Fields[], asked: URLSearchParams): Answer => {
  const limit = Number(asked.get('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > mostOnPage)
    return refusal(400, 'INVALID_ARGUMENT_VALUE', `limit can be 1 to ${mostOnPage}`)
  const from = Number(Buffer.from(asked.get('cursor') ?? 'MA', 'base64url').toString())
  if (!Number.isInteger(from) || from < 0) return refusal(400, 'INVALID_ARGUMENT_VALUE', 'cursor is none')
  const next = from + limit
  const cursor = next < all.length ? Buffer.from(String(next)).toString('base64url') : null
  return { status: 200, body: { results: all.slice(from, next), next_cursor: cursor } }
}

const commands: Readonly<Record<string, Collection>> = {
  project_add: 'projects',
  section_add: 'sections',
  label_add: 'labels',
  item_add: 'tasks',
  note_add: 'comments',
  project_note_add: 'comments',
}

/** Many commands in one call, each on its own; and comments, which no list has for a whole account. */
const answerSync = (account: Account, body: Fields, keep: boolean): Answer => {
  const asked = listOf(body.commands)
  if (asked.length > 100) return refusal(400, 'MAX_COMMANDS', 'At most 100 commands are allowed in a call')
  const real = new Map<unknown, string>()
  const status: Record<string, unknown> = {}
  for (const { type, uuid, temp_id: name, args } of asked) {
    const made = keep ? carryOut(account, type, resolved(args, real)) : { id: `never-${String(name)}` }
    if (typeof made !== 'string') real.set(name, String(made.id))
    status[String(uuid)] = typeof made === 'string' ? refusal(400, 'INVALID_ARGUMENT', made).body : 'ok'
  }
  const wanted = JSON.stringify(body.resource_types ?? [])
  const notes = account.list('comments')
  return {
    status: 200,
    body: {
      sync_token: 'aGFsbG8',
      full_sync: true,
      sync_status: status,
      temp_id_mapping: Object.fromEntries(real),
      ...(wanted.includes('"notes"') ? { notes: notes.filter((one) => 'item_id' in one) } : {}),
      ...(wanted.includes('"project_notes"') ? { project_notes: notes.filter((one) => 'project_id' in one) } : {}),
    },
  }
}

const carryOut = (account: Account, type: unknown, args: Fields): Fields | string => {
  const collection = Object.hasOwn(commands, String(type)) ? commands[String(type)] : undefined
  return collection === undefined ? `there is no command ${String(type)}` : account.add(collection, args)
}

/** Names of this call's own objects stand for their ids. */
const resolved = (args: unknown, real: ReadonlyMap<unknown, string>): Fields =>
  Object.fromEntries(Object.entries(args ?? {}).map(([key, value]) => [key, real.get(value) ?? (value as unknown)]))

const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as Fields[]) : [])
