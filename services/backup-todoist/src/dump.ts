import { type Account, type Collection, parentOf, type Thing } from './account.ts'
import { shapes } from './shape.ts'

/**
 * The text of a backup: one line, first the two lists of the original in its words, then everything that can be made
 * again. The same account gives the same bytes, in whatever order it was told.
 */
export const textOf = (account: Account): string => {
  const { projects, tasks, ...rest } = inOrder(account)
  return goJson({
    projects: projects.map(({ id, name }) => ({ id, name })),
    active_tasks: tasks.map(({ content, project_id, parent_id }) => ({ content, project_id, parent_id })),
    account: { projects, tasks, ...rest },
  })
}

/** JSON as the original's encoder wrote it: what HTML or JavaScript could mistake is escaped. */
const goJson = (value: unknown): string =>
  `${JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/gu, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

/** Everything sorted by id, and each thing's place among its siblings counted from 1: how the API counts tells nothing. */
const inOrder = (account: Account): Account => ({
  projects: ranked('projects', account.projects),
  sections: ranked('sections', account.sections),
  labels: ranked('labels', account.labels),
  tasks: ranked('tasks', account.tasks),
  comments: ranked('comments', account.comments),
})

const byId = (a: Thing, b: Thing): number => (a.id < b.id ? -1 : 1)

const ranked = <One extends Thing>(collection: Collection, things: readonly One[]): readonly One[] =>
  [...siblings(collection, things).values()]
    .flatMap((group) => group.map((one, index) => ({ ...one, order: index + 1 })))
    .toSorted(byId)

/** The things of a collection by what they hang from, each group in its order. */
export const siblings = <One extends Thing>(
  collection: Collection,
  things: readonly One[],
): ReadonlyMap<string, readonly One[]> => {
  const groups = Map.groupBy(things, (one) => parentOf(collection, one))
  return new Map(
    [...groups].map(([parent, group]) => [parent, group.toSorted((a, b) => a.order - b.order || byId(a, b))]),
  )
}

/** A file of ours read back, or why it cannot be. */
export type ReadBack =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly message: string }

/** Reads the text of a backup. */
export const accountOf = (text: string, path: string): ReadBack => {
  const bad = (what: string): ReadBack => ({ ok: false, message: `${path} ${what}` })
  const value = parsed(text)
  if (value === undefined) return bad('is no JSON; take it whole from the repository')
  const held = typeof value === 'object' && value !== null && 'account' in value ? value.account : undefined
  if (typeof held !== 'object' || held === null) {
    return bad('was not written by this program, or by the original: only names and contents were kept then')
  }
  const account: Record<string, unknown> = {}
  for (const [name, shape] of Object.entries(shapes)) {
    const list = (held as Readonly<Record<string, unknown>>)[name]
    if (!Array.isArray(list)) return bad(`holds no list of ${name}`)
    const things = list.map((one) => shape(one))
    const wrong = things.indexOf(undefined)
    if (wrong >= 0) return bad(`holds under ${name}, at place ${wrong + 1}, something without an id`)
    account[name] = things
  }
  return { ok: true, account: account as unknown as Account }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
