import { placeIn } from '@homeslice/config'
import {
  type Change,
  type Danger,
  type Grade,
  grades,
  inWords,
  type NoRoom,
  type Plan,
  type Step,
  type Stopped,
} from '@homeslice/plan'
import type { House } from './house.ts'
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
  changes: steps.map(({ object, action, grades: all, reason, downtimeSeconds }) => ({
    object,
    action,
    grades: all,
    reason,
    ...(downtimeSeconds === undefined ? {} : { downtimeSeconds }),
  })),
  stopped,
})

/** Finds the `file:line` of the home file that causes something; nothing where none does. */
export type Cause = (at: Danger['at']) => string | undefined

/** The causes of a house, in the environment that was asked for. */
export const causesIn =
  ({ file, locate, environment }: Pick<House, 'file' | 'locate' | 'environment'>): Cause =>
  (at) => {
    const place = placeIn(locate, environment.name, at)
    return place && `${file}:${place.line}`
  }

const titles: Readonly<Record<Grade, string>> = {
  'data-loss': 'data loss',
  exposure: 'exposure',
  downtime: 'downtime',
  permission: 'permission',
  reachability: 'reachability',
  cost: 'cost',
  routine: 'routine',
}

const marks: Readonly<Record<Change['action'], string>> = { create: '+', update: '~', replace: '±', delete: '-' }

type Around = { readonly cause: Cause; readonly noRoom?: readonly NoRoom[] }

/** A plan as people read it: by grade, the worst first, each with the line that causes it; then how many of what. */
export const planWords = ({ steps, unchanged }: Plan, { cause, noRoom = [] }: Around): string => {
  if (steps.length === 0) return `nothing changes: ${unchanged} objects are as the home file says`
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
  return [
    ...dangerWords(steps, cause),
    ...section('routine', routineWords(steps)),
    ...noRoom.map(({ words }) => `warning: ${words}`),
    sums.join(', '),
  ].join('\n')
}

/** What a plan's steps mean for the house, by grade; what is routine is left out. */
export const dangerWords = (steps: readonly Step[], cause: Cause): string[] =>
  grades.flatMap((grade) =>
    section(
      grade,
      [...linesOf(grade, steps, cause)].flatMap(([line, details]) => [line, ...details]),
    ),
  )

const section = (grade: Grade, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [titles[grade].toUpperCase(), ...lines]

/** Each sentence once, and below it the objects that change in place for it, each where it is worst. */
const linesOf = (grade: Grade, steps: readonly Step[], cause: Cause): Map<string, string[]> => {
  const lines = new Map<string, string[]>()
  for (const step of steps) {
    const [first, ...others] = step.dangers.filter((danger) => danger.grade === grade)
    if (first === undefined) continue
    for (const { words, at } of [first, ...others]) {
      const place = cause(at)
      const line = place === undefined ? `  ${words}` : `  ${words} (${place})`
      const details = lines.get(line) ?? []
      lines.set(line, details)
      if (words === first.words && step.grades[0] === grade && isInPlace(step)) details.push(`    ${objectWords(step)}`)
    }
  }
  return lines
}

const isInPlace = ({ action }: Step): boolean => action === 'update' || action === 'replace'

const objectWords = ({ action, object, what }: Step): string => `${marks[action]} ${inWords(object)}: ${what}`

/** Changes in place one by one; what is merely new or gone is counted by its namespace. */
const routineWords = (steps: readonly Step[]): string[] => {
  const changed = steps.filter((step) => isInPlace(step) && step.grades[0] === 'routine')
  const gone = steps.filter(({ action, grades: [worst] }) => action === 'delete' && worst === 'routine')
  const news = steps.filter(({ action }) => action === 'create')
  return [
    ...changed.map((step) => `  ${objectWords(step)}`),
    ...counted(gone).map(([place, objects]) => `  - ${place}: ${objects} no longer in the home file`),
    ...counted(news).map(([place, objects]) => `  + ${place}: ${objects}, new`),
  ]
}

const counted = (steps: readonly Step[]): (readonly [place: string, objects: string])[] => {
  const places = Map.groupBy(steps, ({ object }) =>
    object.kind === 'Namespace' ? object.name : (object.namespace ?? 'the cluster'),
  )
  return [...places].map(([place, { length }]) => [place, `${length} object${length === 1 ? '' : 's'}`])
}

/** What keeps a plan from being carried out, and how to allow it. */
export const stoppedError = ({ steps, stopped }: Plan): Failure => {
  const names = new Set(stopped.map(({ allow }) => allow))
  const words = steps.flatMap(({ dangers }) =>
    dangers.filter(({ grade, service, stops }) => stops === true && names.has(`${grade}:${service}`)),
  )
  const said = [...new Set(words.map((danger) => danger.words))].join('; ')
  return {
    message: `stopped before anything was changed: ${said}`,
    fix: `if that is what you want, say so by name: ${stopped.map(({ allow }) => `--allow ${allow}`).join(' ')}`,
  }
}
