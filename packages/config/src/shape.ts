import { z } from 'zod'
import { didYouMean } from './nearest.ts'
import type { Finding, Path } from './problem.ts'

type Issue = z.core.$ZodIssue

/** Checks data against a schema: typed data, or every finding with its path. */
export const checkShape = <Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  at: Path = [],
): { readonly ok: true; readonly value: Output } | { readonly ok: false; readonly findings: readonly Finding[] } => {
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, value: result.data }
  const findings = result.error.issues.flatMap((issue) => findingsOf(issue, schema, value))
  return { ok: false, findings: findings.map((finding) => ({ ...finding, path: [...at, ...finding.path] })) }
}

const findingsOf = (issue: Issue, schema: z.ZodType, value: unknown): Finding[] => {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  const given = valueAt(value, path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key "${key}"`,
      ...didYouMean(key, known),
    }))
  }
  if (issue.code === 'invalid_key') {
    const reasons = issue.issues.map(({ message }) => message).join(', ')
    return [{ path, message: `the name "${String(path.at(-1))}" ${reasons}` }]
  }
  if (issue.code === 'invalid_value' && typeof given === 'string' && issue.values.length > 1) {
    const known = issue.values.map(String)
    return [{ path, message: `${show(given)} is not one of ${known.join(', ')}`, ...didYouMean(given, known) }]
  }
  if (given === undefined) return [{ path, message: 'is missing', fix: `write ${String(path.at(-1))}: …` }]
  return [{ path, message: sentence(issue, given), ...quoteFix(issue, given) }]
}

/** YAML reads `8080`, `yes it is: true` and `null` as other things than text; quotes make them text. */
const quoteFix = (issue: Issue, given: unknown): { fix?: string } =>
  expectsText(issue) && (typeof given === 'number' || typeof given === 'boolean' || given === null)
    ? { fix: `put it in quotes: "${String(given)}"` }
    : {}

const expectsText = (issue: Issue): boolean =>
  (issue.code === 'invalid_type' && issue.expected === 'string') ||
  (issue.code === 'invalid_union' && /text|quotes/u.test(issue.message))

const sentence = (issue: Issue, given: unknown): string => {
  if (issue.code === 'invalid_type' && !issue.message.startsWith('must')) {
    return `must be ${words[issue.expected] ?? issue.expected}, not ${show(given)}`
  }
  if (issue.code === 'too_small' && !issue.message.startsWith('must')) {
    return issue.origin === 'number' || issue.origin === 'int'
      ? `must be ${String(issue.minimum)} or more, not ${show(given)}`
      : 'must not be empty'
  }
  if (issue.code === 'too_big' && !issue.message.startsWith('must'))
    return `must be at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters' : ''}, not ${show(given)}`
  if (issue.message.startsWith('must')) return `${issue.message}, not ${show(given)}`
  return `${show(given)} does not fit: ${issue.message}`
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

/** A value in few words, for a message. */
export const show = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'nothing'
  if (typeof value === 'object') return 'a group of keys'
  const text = JSON.stringify(value) ?? 'something else'
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined),
    value,
  )

/** The keys that a schema knows at a path, through optional values, records, lists and unions. */
const keysAt = (schema: z.ZodType, path: Path): string[] =>
  path
    .reduce<z.core.$ZodType[]>((schemas, step) => schemas.flatMap((one) => below(one, step)), [schema])
    .flatMap(keysOf)

const unwrap = (schema: z.core.$ZodType): z.core.$ZodType[] => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap())
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap)
  return [schema]
}

const below = (schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] =>
  unwrap(schema).flatMap((one) => {
    if (one instanceof z.ZodObject) return [one.shape[String(step)]].filter((found) => found !== undefined)
    if (one instanceof z.ZodRecord) return [one.valueType]
    if (one instanceof z.ZodArray) return [one.element]
    return []
  })

const keysOf = (schema: z.core.$ZodType): string[] =>
  unwrap(schema).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))
