import { type Change, inWords, type Plan, type Stopped } from '@homeslice/plan'
import type { Failure } from './outcome.ts'

/** A plan as tools read it. */
export type PlanDocument = {
  readonly environment: string
  readonly changes: readonly Change[]
  readonly stopped: readonly Stopped[]
}

/** The document of a plan. */
export const planDocument = (environment: string, { steps, stopped }: Plan): PlanDocument => ({
  environment,
  changes: steps.map(({ object, action, grades, reason }) => ({ object, action, grades, reason })),
  stopped,
})

const marks: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', replace: '±', delete: '-' }

/** A plan as people read it: the worst first; what is merely new is counted by service. */
export const planWords = ({ steps, unchanged }: Plan): string => {
  if (steps.length === 0) return `nothing changes: ${unchanged} objects are as the home file says`
  const news = steps.filter(({ action }) => action === 'create')
  const rest = steps.filter(({ action }) => action !== 'create')
  const lines = rest.map(({ action, object, reason, grades }) => {
    const grade = grades.includes('data-loss') ? 'DATA LOSS  ' : ''
    return `  ${marks[action]} ${grade}${inWords(object)}: ${reason}`
  })
  const places = new Map<string, number>()
  for (const { object } of news) {
    const place = object.kind === 'Namespace' ? object.name : (object.namespace ?? 'the cluster')
    places.set(place, (places.get(place) ?? 0) + 1)
  }
  const added = [...places].map(([place, count]) => `  + ${place}: ${count} new object${count === 1 ? '' : 's'}`)
  const count = (action: Change['action'], word: string): string[] => {
    const many = steps.filter((step) => step.action === action).length
    return many === 0 ? [] : [`${many} ${word}`]
  }
  const sums = [
    ...count('create', 'to create'),
    ...count('update', 'to update'),
    ...count('replace', 'to replace'),
    ...count('delete', 'to delete'),
    `${unchanged} unchanged`,
  ]
  return [...lines, ...added, sums.join(', ')].join('\n')
}

/** What keeps a plan from being carried out, and how to allow it. */
export const stoppedError = (stopped: readonly Stopped[]): Failure => ({
  message: `stopped before anything was changed: this would delete ${stopped.map(({ subject }) => `the data of ${subject}`).join(' and ')}`,
  fix: `if that is what you want, say so by name: ${stopped.map(({ allow }) => `--allow ${allow}`).join(' ')}`,
})
