import type { Names } from './names.ts'
import { contractTest, entryTest, rows, settingsTest } from './test-templates.ts'

/** The files of a new service, by their path in the checkout. */
export const filesOf = (names: Names): Readonly<Record<string, string>> => {
  const { name } = names
  return {
    [`packages/catalog/src/${name}.ts`]: entry(names),
    [`packages/catalog/src/${name}.test.ts`]: entryTest(names),
    [`services/${name}/package.json`]: manifest(names),
    [`services/${name}/src/app.ts`]: app(names),
    [`services/${name}/src/main.ts`]: main(names),
    [`services/${name}/src/settings.ts`]: settings(),
    [`services/${name}/src/settings.test.ts`]: settingsTest(names),
    [`services/${name}/src/contract.test.ts`]: contractTest(names),
    [`packages/testing/src/contract/${name}.ts`]: rows(names),
    [`docs/services/${name}.md`]: page(names),
  }
}

const entry = ({ name, identifier, path }: Names): string => `import { z } from 'zod'
import { malformed } from './contract.ts'
import type { Entry } from './entry.ts'

const settings = z
  .strictObject({
    greeting: z.string().min(1).max(100).default('hello').describe('The word that everyone is greeted with.'),
  })
  .describe('Greets whoever asks.')

/** Greets whoever asks. */
export const ${identifier}: Entry<z.infer<typeof settings>> = {
  name: '${name}',
  summary: 'Greets whoever asks.',
  settings,
  port: 8000,
  metricsPort: 9000,
  paths: ['${path}'],
  contract: [
    {
      methods: ['GET'],
      path: '${path}{who}/',
      summary: 'A greeting for somebody.',
      replies: [{ status: 200, body: '^.+ .+\\\\n$', when: 'always' }, malformed],
    },
    {
      methods: ['GET'],
      path: '*',
      summary: 'Any other path.',
      replies: [{ status: 404, when: 'always' }, malformed],
    },
    {
      methods: 'any',
      path: '*',
      summary: 'Any other method.',
      replies: [{ status: 405, when: 'always' }, malformed],
    },
  ],
  drives: [],
  resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '64Mi', limit: '128Mi' } },
  calls: () => [],
  wire: ({ greeting }) => ({ args: [], env: { GREETING: greeting }, files: {} }),
}
`

const manifest = ({ name }: Names): string => `{
  "name": "@homeslice/${name}",
  "version": "0.1.0",
  "private": true,
  "description": "Greets whoever asks.",
  "license": "MIT",
  "type": "module",
  "exports": {
    ".": "./src/main.ts"
  },
  "dependencies": {
    "@homeslice/service-kit": "*"
  },
  "devDependencies": {
    "@homeslice/testing": "*"
  }
}
`

const app = ({ capital, path }: Names): string => `import { empty, type Handler, text } from '@homeslice/service-kit'

/** What it needs to answer. */
export type ${capital}Deps = { readonly greeting: string }

/** \`GET ${path}WHO/\` greets somebody. */
export const create${capital} =
  ({ greeting }: ${capital}Deps): Handler =>
  ({ method, parts }) => {
    const [, , , , who = '', end] = parts
    if (method !== 'GET') return empty(405)
    return parts.length === 6 && who !== '' && end === '' ? text(\`\${greeting} \${who}\\n\`) : empty(404)
  }
`

const main = ({ name, capital }: Names): string => `import { runService } from '@homeslice/service-kit'
import { create${capital} } from './app.ts'
import { settingsOf } from './settings.ts'

process.exitCode = await runService(
  '${name}',
  async ({ env }) => {
    const settings = settingsOf(env)
    return settings.ok ? { ok: true, handler: create${capital}(settings) } : settings
  },
  { args: process.argv.slice(2), env: process.env },
)
`

const settings = (): string => `import type { CannotStart, Start } from '@homeslice/service-kit'

/** What it is started with. */
export type Settings = { readonly ok: true; readonly greeting: string }

/** Reads GREETING (hello). */
export const settingsOf = ({ GREETING: greeting = 'hello' }: Start['env']): Settings | CannotStart =>
  greeting === ''
    ? { ok: false, exit: 2, message: 'GREETING is empty; it is the word that everyone is greeted with' }
    : { ok: true, greeting }
`

const page = ({ name, path }: Names): string => `# ${name}

Greets whoever asks.

\`\`\`yaml
services:
  ${name}: { use: ${name} }
\`\`\`

\`\`\`sh
curl http://127.0.0.1:8080${path}you/ # hello you
\`\`\`

## Settings

| key        | meaning                                | default |
| ---------- | -------------------------------------- | ------- |
| \`greeting\` | the word that everyone is greeted with | \`hello\` |

## By HTTP

[Every request and every answer](../reference/${name}.md), and the same [for tools](../reference/openapi/${name}.json).

## Metrics

On port 9000, \`/metrics\`: \`homeslice_http_request_duration_seconds\` by method and status, and what Node tells of itself.

## When it fails

| you see             | why                                | do                                    |
| ------------------- | ---------------------------------- | ------------------------------------- |
| \`GREETING is empty\` | the home file sets it to no text   | give it a word, or leave it out       |
| 404                 | the path does not end with \`WHO/\`  | write it with the slash at its end    |
`
