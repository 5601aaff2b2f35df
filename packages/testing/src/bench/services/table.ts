import { budgetOf, type Figures, originals, words } from './figures.ts'

const digits = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return 'never'
  return value.toFixed(value < 100 ? 1 : 0)
}

const cell = (value: number | undefined): string => (value === undefined ? '-' : digits(value)).padStart(9)

/** How many times the second the first is; nothing where there is nothing to compare with. */
const ratio = (value: number, other: number | undefined): string =>
  (other === undefined ? '-' : (value / other).toFixed(2)).padStart(8)

/** One service as lines: what it takes, what the original took, what it may, and how they compare. */
export const tableOf = (name: string, figures: Figures): string[] => {
  const [original, budget] = [originals[name], budgetOf(name)]
  const rows = Object.entries(words).flatMap(([key, what]) => {
    const figure = key as keyof Figures
    const value = figures[figure]
    if (value === undefined) return []
    const [was, bar] = [original?.[figure], budget[figure]]
    const late = bar !== undefined && value > bar ? '  over its budget' : ''
    return [`  ${what.padEnd(31)}${cell(value)}${cell(was)}${ratio(value, was)}${cell(bar)}${ratio(value, bar)}${late}`]
  })
  const image = original === undefined ? '' : `  (image of the original: ${original.image})`
  return [
    `${name}${image}`,
    `  ${''.padEnd(31)}${'ours'.padStart(9)}${'original'.padStart(9)}${'ratio'.padStart(8)}${'budget'.padStart(9)}${'ratio'.padStart(8)}`,
    ...rows,
    '',
  ]
}

/** What all services take together, beside what the originals of the same took. */
export const sumOf = (all: ReadonlyMap<string, Figures>): string[] => {
  if (all.size === 0) return []
  const names = [...all.keys()].filter((name) => originals[name]?.idleMiB !== undefined)
  const ours = names.reduce((sum, name) => sum + (all.get(name)?.idleMiB ?? 0), 0)
  const own = names.reduce((sum, name) => sum + (all.get(name)?.ownMiB ?? 0), 0)
  const theirs = names.reduce((sum, name) => sum + (originals[name]?.idleMiB ?? 0), 0)
  return [
    `${names.join(', ')} together, idle: ${digits(ours)} MiB RSS, of which ${digits(own)} private; the originals ${digits(theirs)} MiB, ratio ${(ours / theirs).toFixed(2)}`,
    'The originals are Go without health, metrics or request ids: no program on Node is as small, and this does not claim to be.',
  ]
}
