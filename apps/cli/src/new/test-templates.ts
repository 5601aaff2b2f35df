import type { Names } from './names.ts'

/** Whoever looks for this file's own imports looks for the word at the beginning of a line. */
const imports = 'import'

/** Rows of the contract suite: every request that clients rely on. */
export const rows = ({ identifier, path }: Names): string => `import type { Row, StartRow } from './row.ts'

/** Every request to it, and its answer. */
export const ${identifier}Rows: readonly Row[] = [
  { name: 'a greeting', method: 'GET', path: '${path}{id}/', status: 200, says: /^hello c[0-9a-f]+\\n$/u },
  { name: 'an escaped name', method: 'GET', path: '${path}a%20b/', status: 200, says: 'hello a b\\n' },
  { name: 'nobody', method: 'GET', path: '${path}', status: 404 },
  { name: 'no slash at the end', method: 'GET', path: '${path}{id}', status: 404 },
  { name: 'another method', method: 'POST', path: '${path}{id}/', status: 405 },
  { name: 'malformed percent-encoding', method: 'GET', path: '${path}%zz/', status: 400, says: /^(400 Bad Request)?$/u },
]

/** How it must not start. */
export const ${identifier}Starts: readonly StartRow[] = [
  { name: 'with an empty greeting', args: [], env: { GREETING: '' }, exit: 2, says: /GREETING is empty/u },
]
`

/** The test of the catalog entry. */
export const entryTest = ({ name, identifier }: Names): string => `import { describe, expect, it } from 'vitest'
${imports} { ${identifier} } from './${name}.ts'

const house = { timezone: 'UTC', devices: [], url: '', urlOf: () => '', needs: [], simulate: true, clouds: {} }

describe('${name}', () => {
  it.each([
    [{}, 'hello'],
    [{ greeting: 'ahoy' }, 'ahoy'],
  ])('%j is wired with its greeting', (written, GREETING) => {
    const settings = ${identifier}.settings.parse(written)
    expect(${identifier}.wire(settings, house)).toEqual({ args: [], env: { GREETING }, files: {} })
    expect(${identifier}.calls(settings)).toEqual([])
  })

  it.each([{ greeting: '' }, { greeting: 1 }])('refuses %j', (written) => {
    expect(${identifier}.settings.safeParse(written).success).toBe(false)
  })
})
`

/** The test of its settings. */
export const settingsTest = ({ name }: Names): string => `import { describe, expect, it } from 'vitest'
${imports} { settingsOf } from './settings.ts'

describe('the settings of ${name}', () => {
  it.each([
    [{}, 'hello'],
    [{ GREETING: 'ahoy' }, 'ahoy'],
  ])('of %j greet with %s', (env, greeting) => {
    expect(settingsOf(env)).toEqual({ ok: true, greeting })
  })

  it('need a greeting', () => {
    expect(settingsOf({ GREETING: '' })).toMatchObject({ ok: false, exit: 2 })
  })
})
`

/** The test that holds it to its contract, in process and as it ships. */
export const contractTest = ({
  name,
  identifier,
  capital,
}: Names): string => `import { mkdtempSync, rmSync } from 'node:fs'
${imports} { tmpdir } from 'node:os'
${imports} { join } from 'node:path'
${imports} { afterAll, beforeAll, describe, expect, it } from 'vitest'
${imports} { createLog, createMetrics, type RunningServer, serve } from '@homeslice/service-kit'
${imports} { bundled, type Program, startProgram, startWrongly } from '@homeslice/testing'
${imports} * as contract from '@homeslice/testing/contract'
${imports} { create${capital} } from './app.ts'

const none = { device: () => Promise.resolve(), stateOf: () => Promise.resolve(false) }
const rows = contract.${identifier}Rows.map((row) => [row.name, row] as const)

describe('${name} in process', () => {
  let server: RunningServer
  beforeAll(async () => {
    const around = { log: createLog('${name}', 'error'), metrics: createMetrics('${name}') }
    server = await serve(create${capital}({ greeting: 'hello' }), 0, around)
  })
  afterAll(() => server.stop())

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: server.port, ...none }, row)).toEqual([])
  })
})

describe('${name} as it ships', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeslice-${name}-'))
  let bundle = ''
  let program: Program
  beforeAll(async () => {
    bundle = await bundled('services/${name}/src/main.ts', folder)
    program = await startProgram(bundle, [], {})
  })
  afterAll(async () => {
    program.child.kill('SIGTERM')
    expect((await program.ended).code).toBe(0)
    rmSync(folder, { recursive: true })
  })

  it.each(rows)('%s', async (_, row) => {
    expect(await contract.checkRow({ host: '127.0.0.1', port: program.port, ...none }, row)).toEqual([])
  })

  it.each(contract.${identifier}Starts.map((row) => [row.name, row] as const))('does not start %s', async (_, row) => {
    const { code, stderr } = await startWrongly(bundle, row)
    expect({ code, stderr }).toEqual({ code: row.exit, stderr: expect.stringMatching(row.says) as string })
  })
})
`
