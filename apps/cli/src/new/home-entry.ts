import { isMap, parseDocument, type YAMLMap } from 'yaml'
import { parseHome, type Problem } from '@homeslice/config'

/** A home file with one service more; every other character of it stays. */
export type WithEntry =
  | {
      readonly ok: true
      readonly text: string
      /** Environments whose budget has no room for it. */ readonly leftOut: readonly string[]
    }
  | { readonly ok: false; readonly message: string }

/** The catalog of this command does not know a service that is made only now: one that it knows stands in for it. */
const standIn = '{ use: clocktime, routes: [] }'

/**
 * Adds a service to a home file, and leaves it out of the environments whose budget it would break. The result is read
 * as a home before it is given away.
 */
export const withService = (text: string, name: string): WithEntry => {
  const byHand = (why: string): WithEntry => ({
    ok: false,
    message: `${why}; add it yourself below \`services\`: ${name}: { use: ${name} }`,
  })
  const attempt = (entry: string, leftOut: readonly string[]): string | undefined =>
    leftOut.reduce<string | undefined>(
      (so, env) => so && withoutService(so, env, name),
      addTo(text, ['services'], `${name}: ${entry}`),
    )
  const read = (leftOut: readonly string[]) => {
    const changed = attempt(standIn, leftOut)
    return changed === undefined ? undefined : parseHome(changed)
  }
  const first = read([])
  if (first === undefined) return byHand('the home file has no place for another service')
  const leftOut = first.ok ? [] : overBudget(first.problems)
  const last = leftOut.length === 0 ? first : read(leftOut)
  const added = attempt(`{ use: ${name} }`, leftOut)
  if (last?.ok !== true || added === undefined) {
    const [problem] = last?.ok === false ? last.problems : []
    return byHand(
      problem === undefined
        ? 'the home file cannot be changed by a program'
        : `with one service more, ${problem.message}`,
    )
  }
  return { ok: true, text: added, leftOut }
}

const overBudget = (problems: readonly Problem[]): string[] => [
  ...new Set(problems.flatMap(({ path }) => /^environments\.([^.]+)\.budget\./u.exec(path)?.[1] ?? [])),
]

const withoutService = (text: string, env: string, name: string): string | undefined =>
  addTo(text, ['environments', env, 'services'], `${name}: false`) ??
  addTo(text, ['environments', env], `services: { ${name}: false }`)

/** Adds a line at the end of a mapping, written as that mapping is. */
const addTo = (text: string, path: readonly string[], line: string): string | undefined => {
  const map = parseDocument(text).getIn(path)
  if (!isMap(map) || !map.range) return undefined
  return map.flow === true ? inFlow(text, map, line) : inBlock(text, map, line)
}

const inFlow = (text: string, { range, items }: YAMLMap, line: string): string | undefined => {
  const brace = text.lastIndexOf('}', range?.[1])
  if (brace < 0) return undefined
  const before = text.slice(0, brace).trimEnd()
  const open = items.length === 0 ? ' ' : `${before.endsWith(',') ? '' : ','} `
  return `${before}${open}${line} ${text.slice(brace)}`
}

const inBlock = (text: string, { items }: YAMLMap, line: string): string | undefined => {
  const [start, end] = [
    rangeOf(items[0]?.key)?.[0],
    rangeOf(items.at(-1)?.value)?.[1] ?? rangeOf(items.at(-1)?.key)?.[1],
  ]
  if (start === undefined || end === undefined) return undefined
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1))
  // A value that is a block of its own ends where the next line begins; any other in its line, before a comment perhaps.
  const close = text.charAt(end - 1) === '\n' ? end - 1 : text.indexOf('\n', end)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const [head, tail] = close < 0 ? [text + eol, ''] : [text.slice(0, close + 1), text.slice(close + 1)]
  return `${head}${indent}${line}${eol}${tail}`
}

const rangeOf = (node: unknown): readonly number[] | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range as number[])
    : undefined
