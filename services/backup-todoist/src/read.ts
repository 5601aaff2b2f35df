import type { Account, Comment } from './account.ts'
import { type Answered, ask, type Cloud, type Unanswered } from './cloud.ts'
import { type Shape, shapes } from './shape.ts'

/** The most that the API gives at once. */
const pageSize = 200

/** More than any account holds. */
const mostThings = 200_000

const odd = (what: string): Unanswered => ({
  ok: false,
  message: `Todoist answered ${what}; that is not its API as it was`,
})

/** Reads everything of an account that can be made again. */
export const readAccount = async (cloud: Cloud): Promise<Answered<Account>> => {
  const projects = await readAll(cloud, 'projects', shapes.projects)
  if (!projects.ok) return projects
  const tasks = await readAll(cloud, 'tasks', shapes.tasks)
  if (!tasks.ok) return tasks
  const sections = await readAll(cloud, 'sections', shapes.sections)
  if (!sections.ok) return sections
  const labels = await readAll(cloud, 'labels', shapes.labels)
  if (!labels.ok) return labels
  const comments = await readComments(cloud)
  if (!comments.ok) return comments
  const there = new Set([...tasks.value, ...projects.value].map(({ id }) => id))
  return {
    ok: true,
    value: {
      projects: projects.value,
      tasks: tasks.value,
      sections: sections.value,
      labels: labels.value,
      // Those of tasks that are done are told too.
      comments: comments.value.filter((one) => there.has(one.task_id || one.project_id)),
    },
  }
}

type Page = { readonly results?: unknown; readonly next_cursor?: unknown }

const readAll = async <Thing>(cloud: Cloud, name: string, shape: Shape<Thing>): Promise<Answered<readonly Thing[]>> => {
  const all: Thing[] = []
  const seen = new Set<string>()
  for (let cursor = ''; ;) {
    const more = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await ask(cloud, { path: `${name}?limit=${pageSize}${more}` })
    if (!page.ok) return page
    const { results, next_cursor: next } = (page.value ?? {}) as Page
    const things = listOf(results, shape)
    if (things === undefined) return odd(`no list of ${name} with ids`)
    all.push(...things)
    if (typeof next !== 'string' || next === '') return { ok: true, value: all }
    // Whoever asks for the page that it just had asks for ever.
    if (seen.has(next) || all.length > mostThings) return odd(`pages of ${name} without an end`)
    seen.add(next)
    cursor = next
  }
}

const isGone = (raw: unknown): boolean => {
  const { is_deleted, is_archived, checked } = (raw ?? {}) as Readonly<Record<string, unknown>>
  return is_deleted === true || is_archived === true || checked === true
}

const listOf = <Thing>(list: unknown, shape: Shape<Thing>): readonly Thing[] | undefined => {
  if (!Array.isArray(list)) return undefined
  const things = list.filter((one) => !isGone(one)).map((one) => shape(one))
  return things.every((one) => one !== undefined) ? things : undefined
}

/** No list has the comments of a whole account, and one call for each task would be too many: `sync` tells all at once. */
const readComments = async (cloud: Cloud): Promise<Answered<readonly Comment[]>> => {
  const form = { sync_token: '*', resource_types: '["notes","project_notes"]' }
  const answer = await ask(cloud, { path: 'sync', form })
  if (!answer.ok) return answer
  const { notes, project_notes: more } = (answer.value ?? {}) as Readonly<Record<string, unknown>>
  if (!Array.isArray(notes) || !Array.isArray(more)) return odd('no list of comments')
  const raw = [...(notes as unknown[]), ...(more as unknown[])].toSorted((a, b) =>
    postedAt(a) < postedAt(b) ? -1 : Number(postedAt(a) > postedAt(b)),
  )
  const comments = listOf(raw, shapes.comments)
  if (comments === undefined) return odd('comments without ids')
  return { ok: true, value: comments.map((one, index) => ({ ...one, order: index + 1 })) }
}

const postedAt = (raw: unknown): string => String((raw as { readonly posted_at?: unknown } | null)?.posted_at)
