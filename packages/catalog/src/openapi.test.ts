import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { catalog, httpReference, openApiOf, operationFor } from './index.ts'

const docs = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference')
const entries = [...catalog.values()]
  .filter(({ contract }) => contract.length > 0)
  .map((entry) => [entry.name, entry] as const)

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}

describe.each(entries)('the HTTP reference of %s', (name, entry) => {
  it('is in step with the catalog', async () => {
    await expect(`${JSON.stringify(openApiOf(entry), undefined, 2)}\n`).toMatchFileSnapshot(
      join(docs, 'openapi', `${name}.json`),
    )
    await expect(httpReference(entry)).toMatchFileSnapshot(join(docs, `${name}.md`))
  })

  it('is OpenAPI 3.1 to a validator of others', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(openApiOf(entry)))
    expect([valid, errors, validator.version]).toEqual([true, undefined, '3.1'])
  })

  it('says nothing that the contract does not', () => {
    const { paths } = openApiOf(entry) as unknown as Document
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
    expect(new Set(ids).size).toBe(ids.length)
    for (const [path, item] of Object.entries(paths)) {
      for (const method of Object.keys(item)) {
        const asked = { method: method.toUpperCase(), path: path.replaceAll(/\{(\w+)\}/gu, 'some-$1') }
        expect(operationFor(entry.contract, asked), `${method} ${path}`).toBeDefined()
      }
    }
  })
})

describe('what OpenAPI has no words for', () => {
  const odd = {
    name: 'odd',
    summary: 'Odd.',
    paths: ['/api/v0/odd/'],
    contract: [
      {
        methods: ['GET', 'BREW'],
        path: '/api/v0/odd/{id}',
        summary: 'One.',
        replies: [
          { status: 200, body: '^a|b$', when: 'it is early', headers: { 'X-Odd': 'why' } },
          { status: 200, body: '^c$', when: 'it is late' },
          { status: 204, when: 'never' },
        ],
      },
      {
        methods: 'any',
        path: '/api/v0/odd/{id}',
        summary: 'Any other method.',
        replies: [{ status: 405, when: 'always' }],
      },
      { methods: 'any', path: '*', summary: 'Anything else.', replies: [{ status: 404, when: 'always' }] },
    ],
  } as const

  it('is put into the words that it has', async () => {
    const document = openApiOf(odd) as unknown as Record<string, unknown> & {
      paths: Record<string, Record<string, { summary: string; responses: object }>>
    }
    expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })
    const item = document.paths['/api/v0/odd/{id}']!
    // The first that fits counts: GET is the first operation's, and a method that OpenAPI does not know is left out.
    expect(Object.entries(item).map(([method, { summary }]) => `${method} ${summary}`)).toEqual([
      'get One.',
      ...['put', 'post', 'delete', 'options', 'head', 'patch', 'trace'].map((method) => `${method} Any other method.`),
    ])
    expect(item['get']!.responses).toEqual({
      200: {
        description: 'it is early; or it is late',
        headers: { 'X-Odd': { description: 'why', schema: { type: 'string' } } },
        content: {
          'text/plain; charset=utf-8': {
            schema: {
              anyOf: [
                { type: 'string', pattern: '^a|b$' },
                { type: 'string', pattern: '^c$' },
              ],
            },
          },
        },
      },
      204: { description: 'never' },
    })
    expect(document).toMatchObject({ 'x-otherwise': [{ methods: 'any', responses: { 404: {} } }] })
    expect(httpReference(odd)).toContain('| 200 | `^a\\|b$` | it is early; header `X-Odd`: why |')
    expect(httpReference({ ...odd, paths: [] })).toContain('It has no public path.')
  })
})
