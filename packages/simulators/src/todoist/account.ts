import { createHash } from 'node:crypto'

/** An object as the API tells of it, or what it is asked to make. */
export type Fields = Readonly<Record<string, unknown>>

/** The collections of an account. */
export const collections = ['projects', 'sections', 'labels', 'tasks', 'comments'] as const

/** One collection of an account. */
export type Collection = (typeof collections)[number]

/** What an account holds, and a way to put more into it. Expected failure is the sentence that the API would say. */
export type Account = {
  readonly list: (collection: Collection) => readonly Fields[]
  readonly add: (collection: Collection, asked: Fields) => Fields | string
}

/** Where new objects hang from: each must be there already. */
const parents: Readonly<Record<string, Collection>> = {
  project_id: 'projects',
  section_id: 'sections',
  parent_id: 'tasks',
  item_id: 'tasks',
}

const at = '2026-01-01T08:00:00.000000Z'
const user = '27182818'
const or = (value: unknown, otherwise: unknown): unknown => value ?? otherwise

/** An account with nothing but its Inbox, as after signing up. Ids mean nothing, and no two accounts share one. */
export const createAccount = (name: string): Account => {
  const held: Record<Collection, Fields[]> = { projects: [], sections: [], labels: [], tasks: [], comments: [] }
  let count = 0
  const newId = (): string =>
    createHash('sha256')
      .update(`${name} ${(count += 1)}`)
      .digest('base64url')
      .replaceAll(/[-_]/gu, 'x')
      .slice(0, 16)
  const has = (collection: Collection, id: unknown): boolean => held[collection].some((one) => one.id === id)
  const next = (collection: Collection, order: string): number =>
    Math.max(0, ...held[collection].map((one) => Number(one[order]))) + 1
  const places = { has, next, inbox: () => held.projects[0]?.id, projectOf: (id: unknown) => projectOf(held.tasks, id) }
  held.projects.push({ ...projectFrom({ name: 'Inbox' }, places), id: newId(), inbox_project: true })
  return {
    list: (collection) => held[collection],
    add: (collection, asked) => {
      const missing = Object.entries(parents).find(([key, where]) => {
        const place = collection === 'projects' && key === 'parent_id' ? 'projects' : where
        return typeof asked[key] === 'string' && !has(place, asked[key])
      })
      if (missing !== undefined) return `${missing[0]} is of nothing that is there`
      const made = makers[collection](asked, places)
      if (typeof made === 'string') return made
      const whole = { id: newId(), ...made }
      held[collection].push(whole)
      return whole
    },
  }
}

const projectOf = (tasks: readonly Fields[], id: unknown): unknown => tasks.find((one) => one.id === id)?.project_id

type Places = {
  readonly next: (collection: Collection, order: string) => number
  readonly inbox: () => unknown
  readonly projectOf: (task: unknown) => unknown
}

type Maker = (asked: Fields, places: Places) => Fields | string

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

const projectFrom = (asked: Fields, { next }: Places): Fields => ({
  name: asked.name,
  parent_id: or(asked.parent_id, null),
  child_order: or(asked.child_order, next('projects', 'child_order')),
  color: or(asked.color, 'charcoal'),
  is_favorite: asked.is_favorite === true,
  view_style: or(asked.view_style, 'list'),
  description: or(asked.description, ''),
  inbox_project: false,
  can_assign_tasks: false,
  created_at: at,
  updated_at: at,
  is_archived: false,
  is_deleted: false,
  is_frozen: false,
  is_collapsed: false,
  is_shared: false,
  default_order: 0,
})

const dueFrom = (asked: Fields): unknown => {
  if (typeof asked.due === 'object') return asked.due
  const date = asked.due_datetime ?? asked.due_date
  if (typeof date !== 'string' && typeof asked.due_string !== 'string') return null
  // Whatever is said in words is taken for something that repeats: no calendar is simulated.
  return {
    date: or(date, '2026-02-03'),
    timezone: null,
    string: or(asked.due_string, date),
    lang: or(asked.due_lang, 'en'),
    is_recurring: asked.due_string !== undefined,
  }
}

const lengthFrom = ({ duration, duration_unit: unit }: Fields): unknown =>
  typeof duration === 'number' ? { amount: duration, unit } : or(duration, null)

const taskFrom: Maker = (asked, { next, inbox, projectOf }) => {
  if (!isText(asked.content)) return 'content is missing'
  const day = asked.deadline_date
  return {
    user_id: user,
    project_id: or(asked.project_id, or(projectOf(asked.parent_id), inbox())),
    section_id: or(asked.section_id, null),
    parent_id: or(asked.parent_id, null),
    added_by_uid: user,
    assigned_by_uid: null,
    responsible_uid: null,
    labels: or(asked.labels, []),
    deadline: typeof day === 'string' ? { date: day, lang: 'en' } : or(asked.deadline, null),
    duration: lengthFrom(asked),
    checked: false,
    is_deleted: false,
    added_at: at,
    completed_at: null,
    updated_at: at,
    due: dueFrom(asked),
    priority: or(asked.priority, 1),
    child_order: or(asked.child_order ?? asked.order, next('tasks', 'child_order')),
    content: asked.content,
    description: or(asked.description, ''),
    day_order: -1,
    is_collapsed: false,
  }
}

const makers: Readonly<Record<Collection, Maker>> = {
  projects: (asked, places) => (isText(asked.name) ? projectFrom(asked, places) : 'name is missing'),
  sections: (asked, { next }) =>
    isText(asked.name) && isText(asked.project_id)
      ? {
          user_id: user,
          project_id: asked.project_id,
          name: asked.name,
          description: null,
          section_order: or(asked.section_order ?? asked.order, next('sections', 'section_order')),
          added_at: at,
          updated_at: at,
          archived_at: null,
          is_archived: false,
          is_deleted: false,
          is_collapsed: false,
        }
      : 'name or project_id is missing',
  labels: (asked, { next }) =>
    isText(asked.name)
      ? {
          name: asked.name,
          color: or(asked.color, 'charcoal'),
          order: or(asked.item_order ?? asked.order, next('labels', 'order')),
          is_favorite: asked.is_favorite === true,
        }
      : 'name is missing',
  tasks: taskFrom,
  comments: (asked) => {
    const task = asked.item_id ?? asked.task_id
    if (!isText(task) && !isText(asked.project_id)) return 'task_id or project_id is missing'
    return {
      ...(isText(task) ? { item_id: task } : { project_id: asked.project_id }),
      content: or(asked.content, ''),
      posted_at: at,
      posted_uid: user,
      file_attachment: or(asked.file_attachment ?? asked.attachment, null),
      uids_to_notify: null,
      reactions: null,
      is_deleted: false,
    }
  },
}
