import type { Account, Comment, Label, Project, Section, Task, Values } from './account.ts'

/** An object from outside. */
type Raw = Readonly<Record<string, unknown>>

/** Turns an object from outside into a thing of the account; nothing where it lacks what it cannot do without. */
export type Shape<Thing> = (raw: unknown) => Thing | undefined

const objectOf = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {})

/** What cannot be encoded as UTF-8 becomes the sign for that, as with the original's decoder. */
const text = (value: unknown): string => (typeof value === 'string' ? value.toWellFormed() : '')
const number = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise

const isPlain = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const values = (value: unknown): Values | null => {
  if (typeof value !== 'object' || value === null) return null
  const kept = Object.entries(value)
    .filter((entry): entry is [string, string | number | boolean | null] => isPlain(entry[1]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(kept.map(([key, one]) => [key, typeof one === 'string' ? one.toWellFormed() : one]))
}

const withId = <Thing extends { readonly id: string }>(make: (raw: Raw, id: string) => Thing): Shape<Thing> => {
  return (value) => {
    const raw = objectOf(value)
    const id = text(raw.id)
    return id === '' ? undefined : make(raw, id)
  }
}

/** The first of these keys that holds a number, as lists and our own files call it differently. */
const orderOf = (raw: Raw): number => number(raw.child_order ?? raw.section_order ?? raw.order, 0)

const project = withId<Project>((raw, id) => ({
  id,
  parent_id: text(raw.parent_id),
  order: orderOf(raw),
  name: text(raw.name),
  description: text(raw.description),
  color: text(raw.color),
  view_style: text(raw.view_style),
  is_favorite: raw.is_favorite === true,
  is_inbox: raw.inbox_project === true || raw.is_inbox === true,
}))

const section = withId<Section>((raw, id) => ({
  id,
  project_id: text(raw.project_id),
  order: orderOf(raw),
  name: text(raw.name),
}))

const label = withId<Label>((raw, id) => ({
  id,
  order: orderOf(raw),
  name: text(raw.name),
  color: text(raw.color),
  is_favorite: raw.is_favorite === true,
}))

const task = withId<Task>((raw, id) => ({
  id,
  project_id: text(raw.project_id),
  section_id: text(raw.section_id),
  parent_id: text(raw.parent_id),
  order: orderOf(raw),
  content: text(raw.content),
  description: text(raw.description),
  labels: (Array.isArray(raw.labels) ? raw.labels : []).map(text).toSorted(),
  priority: number(raw.priority, 1),
  due: values(raw.due),
  deadline: values(raw.deadline),
  duration: values(raw.duration),
}))

const comment = withId<Comment>((raw, id) => ({
  id,
  task_id: text(raw.item_id ?? raw.task_id),
  // One of a task may name its project too, and hangs from the task.
  project_id: text(raw.item_id ?? raw.task_id) === '' ? text(raw.project_id) : '',
  order: number(raw.order, 0),
  content: text(raw.content),
  attachment: values(raw.file_attachment ?? raw.attachment),
}))

/** How each collection's objects are read, from the API and from a file of ours alike. */
export const shapes: { readonly [Name in keyof Account]: Shape<Account[Name][number]> } = {
  projects: project,
  sections: section,
  labels: label,
  tasks: task,
  comments: comment,
}
