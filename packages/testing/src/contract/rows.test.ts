import { describe, expect, it } from 'vitest'
import { catalog, operationFor } from '@homeslice/catalog'
import type { Row } from './row.ts'
import { suite } from './run.ts'

const services = Object.entries(suite).map(([name, { rows, prefixes }]) => ({
  name,
  rows,
  prefixes,
  entry: catalog.get(name)!,
}))

describe.each(services)('the rows of $name', ({ rows, prefixes, entry }) => {
  it('have names of their own', () => {
    expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length)
  })

  it('are of the prefixes that the catalog routes', () => {
    expect(prefixes).toEqual(entry.paths)
  })

  // Escapes change the parts of a path; the catalog's templates stand for plain ones.
  const plain = rows.filter(({ path }) => !path.includes('%') && prefixes.some((prefix) => path.startsWith(prefix)))
  const replyTo = ({ method, path, status }: Row) =>
    operationFor(entry.contract, { method, path })?.replies.find((reply) => reply.status === status)

  it.each(plain.map((row) => [row.name, row] as const))('agree with the catalog: %s', (_, row) => {
    const reply = replyTo(row)
    expect(reply, `${row.method} ${row.path} ${row.status}`).toBeDefined()
    // An exact body of a row must be one that the catalog tells of; HEAD never has one.
    const exact = typeof row.says === 'string' && row.method !== 'HEAD' ? row.says : undefined
    expect(exact === undefined || new RegExp(reply?.body ?? '^$', 'u').test(exact)).toBe(true)
  })

  it('ask for every answer that the catalog tells of', () => {
    const asked = new Set<unknown>(rows.map(replyTo))
    const inProcessOnly = [500]
    const missing = entry.contract.flatMap(({ path, replies }) =>
      replies
        .filter(
          (reply) =>
            reply.status !== 400 &&
            !path.endsWith('{anything}') &&
            !inProcessOnly.includes(reply.status) &&
            !asked.has(reply),
        )
        .map((reply) => `${path} ${reply.status}`),
    )
    expect(missing).toEqual([])
  })
})
