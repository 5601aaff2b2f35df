/** What can be made again of an account: projects, sections, labels, tasks and comments. Ids are the account's own. */
export type Account = {
  readonly projects: readonly Project[]
  readonly sections: readonly Section[]
  readonly labels: readonly Label[]
  readonly tasks: readonly Task[]
  readonly comments: readonly Comment[]
}

/** A project; `order` is its place among those beside it, from 1. An empty `parent_id` is none, also below. */
export type Project = {
  readonly id: string
  readonly parent_id: string
  readonly order: number
  readonly name: string
  readonly description: string
  readonly color: string
  readonly view_style: string
  readonly is_favorite: boolean
  readonly is_inbox: boolean
}

/** A section of a project. */
export type Section = {
  readonly id: string
  readonly project_id: string
  readonly order: number
  readonly name: string
}

/** A label of the account's own. */
export type Label = {
  readonly id: string
  readonly order: number
  readonly name: string
  readonly color: string
  readonly is_favorite: boolean
}

/** A task that is not done. */
export type Task = {
  readonly id: string
  readonly project_id: string
  readonly section_id: string
  readonly parent_id: string
  readonly order: number
  readonly content: string
  readonly description: string
  readonly labels: readonly string[]
  readonly priority: number
  readonly due: Values | null
  readonly deadline: Values | null
  readonly duration: Values | null
}

/** A comment, of a task or of a project. */
export type Comment = {
  readonly id: string
  readonly task_id: string
  readonly project_id: string
  readonly order: number
  readonly content: string
  readonly attachment: Values | null
}

/** A small object that is kept as it comes, its keys sorted. */
export type Values = Readonly<Record<string, string | number | boolean | null>>

/** The collections of an account, in the order in which they can be made: what others hang from comes first. */
export const collections = ['labels', 'projects', 'sections', 'tasks', 'comments'] as const

/** One of them. */
export type Collection = (typeof collections)[number]

/** Anything of an account. */
export type Thing = Project | Section | Label | Task | Comment

/** The key under which each collection's things hang from another, and its collection; the first that is not empty counts. */
const hangsFrom: Readonly<Record<Collection, readonly (readonly [key: string, from: Collection])[]>> = {
  labels: [],
  projects: [['parent_id', 'projects']],
  sections: [['project_id', 'projects']],
  tasks: [
    ['parent_id', 'tasks'],
    ['section_id', 'sections'],
    ['project_id', 'projects'],
  ],
  comments: [
    ['task_id', 'tasks'],
    ['project_id', 'projects'],
  ],
}

/** The id of what a thing hangs from; empty for one that stands on its own. */
export const parentOf = (collection: Collection, thing: Thing): string => {
  const keys = hangsFrom[collection].map(([key]) => (thing as unknown as Readonly<Record<string, string>>)[key] ?? '')
  return keys.find((id) => id !== '') ?? ''
}

/** Puts ids in the place of ids, wherever one stands; those that the map does not know stay. */
export const withIds = (account: Account, ids: ReadonlyMap<string, string>): Account => {
  const renamed = <One extends Thing>(collection: Collection, things: readonly One[]): readonly One[] =>
    things.map((one) => {
      const record = one as unknown as Readonly<Record<string, string>>
      const keys = ['id', ...hangsFrom[collection].map(([key]) => key)]
      return { ...one, ...Object.fromEntries(keys.map((key) => [key, ids.get(record[key] ?? '') ?? record[key]])) }
    })
  return {
    projects: renamed('projects', account.projects),
    sections: renamed('sections', account.sections),
    labels: renamed('labels', account.labels),
    tasks: renamed('tasks', account.tasks),
    comments: renamed('comments', account.comments),
  }
}
