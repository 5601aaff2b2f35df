import { randomUUID } from 'node:crypto'
import type { Comment, Label, Project, Section, Task } from './account.ts'
import type { Piece } from './match.ts'

/** One thing to be made, as the API is asked for it. */
export type Command = {
  readonly type: string
  readonly uuid: string
  /** Stands for its id in commands that follow in the same call. */
  readonly temp_id: string
  readonly args: Readonly<Record<string, unknown>>
}

/** The real id, or the name for now, of something of the backup; nothing for an empty id. */
export type Resolve = (id: string) => string | undefined

/** How many commands the API takes in one call. */
export const mostCommands = 100

/** A name that is an id of the backup is none of the account's. */
export const temporary = (id: string): string => `backup-${id}`

/** The command that makes a thing anew. Its uuid is a new one: the API carries out none twice, and an account may be emptied. */
export const commandFor = ({ collection, thing }: Piece, resolve: Resolve): Command => {
  const { type, args } = makers[collection](thing as never, resolve)
  return { type, uuid: randomUUID(), temp_id: temporary(thing.id), args }
}

type Made = Pick<Command, 'type' | 'args'>

const makers = {
  labels: ({ name, color, is_favorite, order }: Label): Made => ({
    type: 'label_add',
    args: { name, color, is_favorite, item_order: order },
  }),
  projects: (
    { name, description, color, view_style, is_favorite, parent_id, order }: Project,
    resolve: Resolve,
  ): Made => ({
    type: 'project_add',
    args: { name, description, color, view_style, is_favorite, parent_id: resolve(parent_id), child_order: order },
  }),
  sections: ({ name, project_id, order }: Section, resolve: Resolve): Made => ({
    type: 'section_add',
    args: { name, project_id: resolve(project_id), section_order: order },
  }),
  tasks: (task: Task, resolve: Resolve): Made => {
    const { content, description, labels, priority, due, deadline, duration, order } = task
    return {
      type: 'item_add',
      args: {
        content,
        description,
        labels,
        priority,
        due,
        deadline,
        duration,
        child_order: order,
        project_id: resolve(task.project_id),
        section_id: resolve(task.section_id),
        parent_id: resolve(task.parent_id),
        // Words that look like a label or a date are the task's own.
        auto_parse_labels: false,
        auto_reminder: false,
      },
    }
  },
  comments: ({ task_id, project_id, content, attachment }: Comment, resolve: Resolve): Made => ({
    type: 'note_add',
    args: {
      content,
      file_attachment: attachment ?? undefined,
      ...(task_id === '' ? { project_id: resolve(project_id) } : { item_id: resolve(task_id) }),
    },
  }),
} as const
