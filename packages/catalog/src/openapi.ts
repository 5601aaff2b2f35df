import type { Operation, Reply } from './contract.ts'
import type { Entry } from './entry.ts'

/** The methods that OpenAPI has words for. */
const methods = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const

type Method = (typeof methods)[number]

/** An operation of one method, at a path that OpenAPI can say. */
type Place = { readonly path: string; readonly method: Method; readonly operation: Operation }

type Contracted = Pick<Entry, 'name' | 'summary' | 'paths' | 'contract'>

/**
 * The contract of a service as an OpenAPI 3.1 document. OpenAPI has no word for "every other path": where a service has
 * paths of its own, what it answers to all others stands in `x-otherwise`; where it has none, at its public prefixes.
 */
export const openApiOf = (entry: Contracted): Readonly<Record<string, unknown>> => {
  const places = placesOf(entry)
  const otherwise = hasPaths(entry) ? entry.contract.filter(({ path }) => path === '*') : []
  return {
    openapi: '3.1.0',
    info: {
      title: `homeslice ${entry.name}`,
      summary: entry.summary,
      description:
        'Bodies and queries of requests are ignored. An answer without content has an empty body. Made from the catalog.',
      version: '0',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://{home}', variables: { home: { default: '127.0.0.1:8080' } } }],
    tags: [{ name: entry.name }],
    paths: Object.fromEntries(
      [...Map.groupBy(places, ({ path }) => path)].map(([path, all]) => [path, pathItem(entry.name, all)]),
    ),
    ...(otherwise.length === 0
      ? {}
      : {
          'x-otherwise': otherwise.map((operation) => ({
            methods: operation.methods,
            summary: operation.summary,
            responses: responsesOf(operation.replies),
          })),
        }),
  }
}

const hasPaths = ({ contract }: Contracted): boolean => contract.some(({ path }) => path !== '*')

const placesOf = (entry: Contracted): readonly Place[] => {
  const own = hasPaths(entry) ? entry.contract.filter(({ path }) => path !== '*') : atPrefixes(entry)
  const seen = new Set<string>()
  return own.flatMap((operation) =>
    methods
      .filter((method) => operation.methods === 'any' || operation.methods.includes(method))
      .flatMap((method) => {
        // The first operation that fits a request is the one that counts.
        const key = `${method} ${operation.path}`
        if (seen.has(key)) return []
        seen.add(key)
        return [{ path: operation.path, method, operation }]
      }),
  )
}

const atPrefixes = ({ contract, paths }: Contracted): Operation[] =>
  contract.flatMap((operation) => paths.map((path) => ({ ...operation, path })))

const pathItem = (service: string, places: readonly Place[]): object =>
  Object.fromEntries(
    places.map(({ path, method, operation }) => [
      method.toLowerCase(),
      {
        operationId: operationId(service, method, path),
        tags: [service],
        summary: operation.summary,
        ...parametersOf(operation),
        responses: responsesOf(operation.replies),
      },
    ]),
  )

/** `post-api-v0-switches-id-operation`: what a generated client names the call by. */
const operationId = (service: string, method: Method, path: string): string =>
  [service, method.toLowerCase(), ...path.split('/').filter((part) => part !== '')]
    .map((part) => part.replaceAll(/[{}]/gu, ''))
    .join('-') + (path.endsWith('/') ? '' : '-rest')

const parametersOf = ({ path, values = {} }: Operation): object => {
  const names = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name = '']) => name)
  if (names.length === 0) return {}
  return {
    parameters: names.map((name) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', ...(values[name] === undefined ? {} : { enum: values[name] }) },
    })),
  }
}

const responsesOf = (replies: readonly Reply[]): object =>
  Object.fromEntries(
    [...Map.groupBy(replies, ({ status }) => status)].map(([status, all]) => [String(status), responseOf(all)]),
  )

const responseOf = (replies: readonly Reply[]): object => {
  const headers = Object.assign({}, ...replies.map((reply) => reply.headers)) as Record<string, string>
  const patterns = [...new Set(replies.flatMap(({ body }) => (body === undefined ? [] : [body])))]
  const schemas = patterns.map((pattern) => ({ type: 'string', pattern }))
  return {
    description: replies.map(({ when }) => when).join('; or '),
    ...(Object.keys(headers).length === 0
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
          ),
        }),
    ...(schemas.length === 0
      ? {}
      : {
          content: { 'text/plain; charset=utf-8': { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas } } },
        }),
  }
}

/** The same for people: a Markdown page with a line for each answer. */
export const httpReference = (entry: Contracted): string =>
  [
    `# ${entry.name} by HTTP`,
    '',
    `${[entry.summary, publicBelow(entry)].join(' ')} This page is made from the catalog;`,
    `for tools there is [OpenAPI 3.1](openapi/${entry.name}.json).`,
    '',
    'Bodies and queries of requests are ignored. Where no body is told, it is empty. The first line that fits a request counts.',
    '',
    ...entry.contract.flatMap(section),
  ].join('\n')

const publicBelow = ({ paths }: Contracted): string =>
  paths.length === 0 ? 'It has no public path.' : `Public below ${paths.map(quoted).join(' and ')}.`

const section = ({ methods: named, path, summary, values = {}, replies }: Operation, index: number): string[] => [
  `## ${named === 'any' ? 'Any method' : named.join(', ')} · ${path === '*' ? `any ${index === 0 ? '' : 'other '}path` : quoted(path)}`,
  '',
  [summary, ...Object.entries(values).map(([name, all]) => `\`{${name}}\` is ${all.map(quoted).join(', ')}.`)].join(
    ' ',
  ),
  '',
  '| status | body | when |',
  '| --- | --- | --- |',
  ...replies.map(
    ({ status, body, when, headers = {} }) =>
      `| ${status} | ${body === undefined ? '' : cell(`\`${body}\``)} | ${cell([when, ...Object.entries(headers).map(header)].join('; '))} |`,
  ),
  '',
]

const quoted = (word: string): string => `\`${word}\``
const header = ([name, meaning]: readonly [string, string]): string => `header \`${name}\`: ${meaning}`
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
