const fields = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day', low: 1, high: 31, names: [] },
  {
    name: 'month',
    low: 1,
    high: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'weekday', low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const

type Field = (typeof fields)[number]

/** What is wrong with a schedule of five fields, as Kubernetes reads them; nothing if it is fine. */
export const cronProblem = (schedule: string): string | undefined => {
  const words = schedule.trim().split(/\s+/u)
  if (words.length !== fields.length) return `it has ${words.length} of five fields`
  const wrong = fields.findIndex(
    (field, index) =>
      !String(words[index])
        .split(',')
        .every((part) => fits(part, field)),
  )
  const field = fields[wrong]
  return field && `${words[wrong]} is no ${field.name} (${field.low} to ${field.high})`
}

const fits = (part: string, field: Field): boolean => {
  const [range = '', step, ...more] = part.split('/')
  if (more.length > 0 || (step !== undefined && !(Number(step) >= 1 && /^\d+$/u.test(step)))) return false
  if (range === '*') return true
  const ends = range.split('-').map((end) => numberOf(end, field))
  const [from = Number.NaN, to = from] = ends
  return ends.length <= 2 && from >= field.low && to <= field.high && from <= to
}

const numberOf = (text: string, { names, low }: Field): number => {
  const named = (names as readonly string[]).indexOf(text.toLowerCase())
  if (named >= 0) return named + low
  return /^\d+$/u.test(text) ? Number(text) : Number.NaN
}
