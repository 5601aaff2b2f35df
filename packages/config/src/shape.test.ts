import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkShape, show } from './shape.ts'

const messagesOf = (schema: z.ZodType, value: unknown): string[] => {
  const checked = checkShape(schema, value)
  return checked.ok ? [] : checked.findings.map(({ path, message, fix }) => `${path.join('.')}: ${message}; ${fix}`)
}
const group = z.strictObject({ name: z.string() })

describe('what does not fit a schema', () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ['another type', z.string(), [], ': must be text, not a list; undefined'],
    ['a type without words of its own', z.date(), 5, ': must be date, not 5; undefined'],
    ['text too long', z.string().max(2), 'abc', ': must be at most 2 characters, not "abc"; undefined'],
    ['a number too large', z.number().max(2), 3, ': must be at most 2, not 3; undefined'],
    ['a number too small', z.number().min(2), 1, ': must be 2 or more, not 1; undefined'],
    ['an empty list', z.array(z.string()).min(1), [], ': must not be empty; undefined'],
    ['text of another form', z.string().regex(/^a$/u, 'must be a'), 'b', ': must be a, not "b"; undefined'],
    ['what only the library can say', z.email(), 'b', ': "b" does not fit: Invalid email address; undefined'],
    ['a key below text', z.string().refine(() => false, { path: ['b'] }), 'a', 'b: is missing; write b: …'],
    ['a missing key', group, {}, 'name: is missing; write name: …'],
    [
      'a key below nothing',
      z.strictObject({ a: group }),
      { a: null },
      'a: must be a group of keys, not nothing; undefined',
    ],
  ])('%s', (_, schema, value, message) => {
    expect(messagesOf(schema, value)).toEqual([message])
  })

  const wrong = { nam: 'x', name: 'y' }
  it.each<[string, z.ZodType, unknown, string]>([
    ['at the top', group, wrong, 'nam'],
    ['that may be missing', z.strictObject({ a: group.optional() }), { a: wrong }, 'a.nam'],
    ['that has a default', z.strictObject({ a: group.default({ name: '' }) }), { a: wrong }, 'a.nam'],
    ['in a list', z.strictObject({ a: z.array(group) }), { a: [wrong] }, 'a.0.nam'],
    ['by name', z.strictObject({ a: z.record(z.string(), group) }), { a: { b: wrong } }, 'a.b.nam'],
    ['beside something else', z.strictObject({ a: z.union([group, z.string()]) }), { a: wrong }, 'a.nam'],
  ])('an unknown key of a group %s, with the one that was meant', (_, schema, value, path) => {
    expect(messagesOf(schema, value)).toEqual([`${path}: unknown key "nam"; did you mean "name"?`])
  })

  it('an unknown key where the schema has no keys to name', () => {
    const schema = z.strictObject({ a: z.preprocess((value) => value, z.strictObject({ b: group })) })
    expect(messagesOf(schema, { a: { b: wrong } })).toEqual(['a.b.nam: unknown key "nam"; undefined'])
  })
})

it.each<[unknown, string]>([
  [[1], 'a list'],
  [null, 'nothing'],
  [{}, 'a group of keys'],
  [undefined, 'something else'],
  [true, 'true'],
  ['x'.repeat(70), `"${'x'.repeat(56)}…"`],
])('shows %s in few words', (value, words) => {
  expect(show(value)).toBe(words)
})
