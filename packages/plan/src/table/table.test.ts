import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { grades, rankOf } from '../change.ts'
import { desiredOf, kept, planBetween } from '../server.testing.ts'
import type { Row } from './home.testing.ts'
import { known } from './known.testing.ts'
import { nearRoutes } from './routes.testing.ts'
import { nearServices } from './services.testing.ts'
import { takenNamespace, unknownNamespaces } from '../taken.ts'

/** What a row leads to: all grades, everything that is said, and what stops. */
const outcome = ({ before, after, env = 'prod', others = [] }: Row) => {
  const [live, desired] = [desiredOf(before, env).map(kept), desiredOf(after, env)]
  const taken = unknownNamespaces(desired, live).map(({ metadata }) => metadata.name)
  const refused = taken.filter((name) => others.includes(name)).map((name) => takenNamespace(name).message)
  if (refused.length > 0) return { grades: [], said: refused, stopped: [] }
  const { steps, stopped } = planBetween(before, after, { env })
  const all = new Set(steps.flatMap((step) => step.grades))
  return {
    grades: grades.filter((grade) => all.has(grade)),
    said: steps.flatMap((step) => [step.reason, ...step.dangers.map(({ words }) => words)]),
    stopped: stopped.map(({ allow }) => allow),
  }
}

describe.each([
  ['what every plan has to get right', known],
  ['services and volumes, on either side of a line', nearServices],
  ['ways in, on either side of a line', nearRoutes],
])('%s', (_, rows) => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const { grades: found, said, stopped } = outcome(row)
    expect({ grades: found, stopped, said }).toMatchObject({ grades: row.grades, stopped: row.stops ?? [] })
    for (const words of row.says) expect(said).toContainEqual(expect.stringMatching(words))
  })
})

describe('the example home', () => {
  const example = readFileSync(join(import.meta.dirname, '../../../../home/example.yaml'), 'utf8')

  it.each(['prod', 'staging'])('comes up in %s without a question', (env) => {
    const { steps, stopped } = planBetween('', example, { env })
    expect([stopped, steps.length > 40]).toEqual([[], true])
  })
})

describe('from any of these homes to any other', () => {
  const texts = [...known, ...nearServices, ...nearRoutes].flatMap(({ before, after }) => [before, after])

  it('a plan says something of every change, in order, and routine only alone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.constantFrom(...texts), (before, after) => {
        const { steps, stopped } = planBetween(before, after)
        for (const step of steps) {
          expect(step.reason).not.toBe('')
          expect(step.grades).toEqual([...new Set(step.grades)].toSorted((a, b) => rankOf(a) - rankOf(b)))
          expect(step.grades.includes('routine')).toBe(step.dangers.length === 0)
        }
        const worst = steps.map((step) => Math.min(...step.grades.map(rankOf)))
        expect(worst).toEqual(worst.toSorted((a, b) => a - b))
        const allow = stopped.map((one) => one.allow)
        expect(planBetween(before, after, { allow }).stopped).toEqual([])
      }),
    )
  })

  it('and back again changes nothing that stays the same', () => {
    for (const text of texts) expect(planBetween(text, text).steps).toEqual([])
  })
})
