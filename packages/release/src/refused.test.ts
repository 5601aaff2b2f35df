import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, Hands } from '@homeslice/cluster'
import { type Answers, at, nothing, serverWith, stopServers, type Told } from '@homeslice/cluster/answers'
import { keeperName, type KubeObject, namespaceOf, seenName } from '@homeslice/render'
import { carryOut } from './carry.ts'
import { driftLooker } from './drift.ts'
import { lookAhead, type Outlook } from './outlook.ts'
import { pack } from './pack.ts'
import { recordOf, releaseFrom } from './release.ts'
import { lookBack } from './rollback.ts'
import { readSeen, writeSeen } from './seen.ts'

afterEach(stopServers)

const estate = { home: 'casa', env: 'prod' }
const mark = 'casa-prod/3'
const no: Told = [403, { message: 'it says no' }]
const map: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'notes', namespace: 'casa-prod-notes' },
  data: { value: '1' },
}
const recordWith = (number: number, objects: readonly KubeObject[], whole = true): KubeObject => ({
  ...recordOf(
    estate,
    {
      service: 'notes',
      number,
      version: `hash-${number}`,
      verdict: 'ready',
      holds: [],
      time: '2026-01-02T03:04:05.678Z',
      who: 'ana@desk',
      images: [],
      changed: 'all of it is new',
      whole,
    },
    pack(objects) ?? {},
  ),
})
const [first, second] = [recordWith(1, [map]), recordWith(2, [map])]
const records = 'GET /api/v1/namespaces/homeslice-system/secrets'
const parents = 'GET /api/v1/namespaces/homeslice-system/configmaps'
const both: Told = [200, { items: [first, second] }]
const bare: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: seenName, namespace: namespaceOf({ ...estate, service: keeperName }) },
}
const seen = { time: '2026-01-02T03:04:05.678Z', count: 0, drift: [], blind: [] }
const handsOn = (connection: Connection): Hands => ({
  connection,
  writer: { mark, isNextAfter: () => true, confirm: async () => ({ ok: true }) },
  secretData: async () => undefined,
  report: () => undefined,
})
/** A run with nothing left to do but to settle a version that another overtook. */
const overtaken: Outlook = {
  ok: true,
  estate,
  sets: {},
  desired: [],
  live: [],
  plan: { steps: [], stopped: [], unchanged: 0 },
  noRoom: [],
  staying: [],
  books: { drafts: [], current: [], overtaken: [releaseFrom(first)], dropped: [], holds: new Set() },
}

type Row = { readonly answers: Answers; readonly work: (connection: Connection) => Promise<unknown> }

const rows: Readonly<Record<string, Row>> = {
  'a look for drift': {
    answers: { [records]: [both, both], [at('GET', second)]: [200, second], ...nothing, [at('GET', map)]: [404, {}] },
    work: (connection) => driftLooker(connection)({ estate, secrets: true }),
  },
  'a look ahead': {
    answers: { [records]: both, [parents]: [200, { items: [] }], ...nothing },
    work: (connection) => lookAhead(connection, { estate, sets: {}, allow: [] }),
  },
  'a look back': {
    answers: {
      [records]: both,
      [at('GET', first)]: [200, first],
      [parents]: [200, { items: [] }],
      ...nothing,
    },
    work: (connection) => lookBack(connection, { estate, service: 'notes', allow: [] }),
  },
  'a version that was overtaken': {
    answers: {
      ...Object.fromEntries(
        ['/apis/apps/v1/deployments', '/apis/batch/v1/cronjobs', '/api/v1/pods', '/apis/batch/v1/jobs'].map(
          (path): [string, Told] => [`GET ${path}`, [200, { items: [] }]],
        ),
      ),
      [at('PATCH', first)]: [200, first],
      [parents]: [200, { items: [] }],
    },
    work: (connection) => carryOut(handsOn(connection), overtaken, { deadlineSeconds: 1 }),
  },
  'telling what was seen': {
    answers: { [at('PATCH', bare)]: [200, bare] },
    work: (connection) => writeSeen(connection, estate, seen),
  },
  'reading what was seen': {
    answers: { [at('GET', bare)]: [200, { ...bare, data: { 'drift.json': JSON.stringify(seen) } }] },
    work: (connection) => readSeen(connection, estate),
  },
}

describe.each(Object.entries(rows))('%s', (_, { answers, work }) => {
  it('is done where nothing is refused', async () => {
    const { connection } = await serverWith(answers)
    expect(await work(connection)).toMatchObject({ ok: true })
  })

  it.each(Object.keys(answers))('ends in a sentence where one may not %s', async (key) => {
    const { connection } = await serverWith({ ...answers, [key]: no })
    expect(await work(connection)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^you may not .*: it says no$/u),
    })
  })
})

describe('drift', () => {
  const look = async (answers: Answers) => {
    const { connection } = await serverWith({ ...rows['a look for drift']?.answers, ...answers })
    return driftLooker(connection)({ estate, secrets: true })
  }

  it('that is there is told only if it still is once the records were read again', async () => {
    const found = { ok: true, drift: [expect.objectContaining({ change: 'deleted' })], blind: [], objects: 1 }
    expect(await look({})).toEqual(found)
    expect(await look({ [records]: [both, no] })).toMatchObject({ ok: false })
    expect(await look({ [records]: [both, [200, { items: [first] }]] })).toMatchObject({ ok: true, drift: [] })
  })

  it('of a version that was too large to be kept cannot be told, nor of one that cannot be read', async () => {
    const large = recordWith(3, [map], false)
    expect(await look({ [records]: [200, { items: [second, large] }] })).toEqual({
      ok: true,
      drift: [],
      blind: ['notes'],
      objects: 0,
    })
    expect(await look({ [at('GET', second)]: [200, { ...second, data: {} }] })).toMatchObject({ ok: true, objects: 0 })
  })

  it('is looked for again without reading records again', async () => {
    const { connection, asked } = await serverWith(rows['a look for drift']?.answers ?? {})
    const looker = driftLooker(connection)
    for (const _ of [1, 2]) expect(await looker({ estate, secrets: true })).toMatchObject({ ok: true, objects: 1 })
    expect(asked.filter((one) => one === at('GET', second))).toHaveLength(1)
  })
})

describe('what nobody has', () => {
  it('is not seen, where no keeper looks', async () => {
    const { connection } = await serverWith({ [at('GET', bare)]: [404, { message: 'not found' }] })
    expect(await readSeen(connection, estate)).toEqual({ ok: true, seen: undefined })
  })

  it('cannot be written, where its place is gone', async () => {
    const { connection } = await serverWith({ [at('PATCH', bare)]: [404, { message: 'not found' }] })
    expect(await writeSeen(connection, estate, seen)).toMatchObject({
      ok: false,
      message: 'what was seen cannot be written: not found',
    })
  })

  it('is gone back to by nobody: a record whose objects cannot be read', async () => {
    const { connection } = await serverWith({
      ...rows['a look back']?.answers,
      [at('GET', first)]: [200, { ...first, data: {} }],
    })
    expect(await lookBack(connection, { estate, service: 'notes', allow: [] })).toMatchObject({
      ok: false,
      message: 'version 1 of notes was too large to be kept',
    })
  })
})
