import type { Step } from '@homeslice/plan'

/** How many changes are told of one by one, and how long a text about one may be. */
const most = { changes: 3, letters: 300 } as const

const marks: Readonly<Record<Step['action'], string>> = {
  create: 'new',
  update: '',
  replace: 'made anew',
  delete: 'gone',
}

/** What a version changes, in a few words. What is named by its content comes and goes with whatever names it. */
export const changedWords = (steps: readonly Step[], rolledBackTo?: number): string => {
  const told = steps.filter(({ object }) => object.kind !== 'ConfigMap' && object.kind !== 'Secret')
  const words = told.map(({ action, object, what }) =>
    action === 'update' ? `${object.kind}: ${what}` : `${object.kind} ${object.name} ${marks[action]}`,
  )
  const more = words.length - most.changes
  const few = [...words.slice(0, most.changes), ...(more > 0 ? [`${more} more`] : [])].join('; ')
  const all = told.length > 0 && told.every(({ action }) => action === 'create') ? 'all of it is new' : few
  const back = rolledBackTo === undefined ? '' : `back to version ${rolledBackTo}`
  return shortened([back, all].filter((part) => part !== '').join(': '))
}

/** A text as a record or a table can show it. */
export const shortened = (text: string): string =>
  text.length > most.letters ? `${text.slice(0, most.letters - 1)}…` : text
