import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { nameOf, type Step, writerKey } from '@homeslice/plan'
import { type Answers, at, nothing, serverWith, stopServers, type Told } from './answers.testing.ts'
import { applyPlan } from './apply.ts'
import { parentOf } from './applyset.ts'
import type { Connection } from './connection.ts'
import { destroyEnvironment } from './destroy.ts'
import type { Hands } from './effects.ts'
import { elect } from './election.ts'
import { estateOf, objectsOf } from './estate.testing.ts'
import { gatewayUrl } from './gateway-url.ts'
import { ground, layGround, missingGround } from './ground.ts'
import { readChart } from './k3s-chart.ts'
import { readLease, writeLease } from './lease.ts'
import { fillObject, listAll } from './objects.ts'
import { observe } from './observe.ts'
import { createRecords, noteRecords, readRecord, recordObject, removeRecords } from './records.ts'
import { statusOf } from './status.ts'

afterEach(stopServers)

const estate = estateOf('casa')
const mark = 'casa-prod/3'
const labels = { 'homeslice.dev/home': 'casa', 'homeslice.dev/env': 'prod' }
const no: Told = [403, { message: 'it says no' }]
const gone: Told = [404, { message: 'not found' }]
const put = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: object.metadata.name },
})
const handsOn = (connection: Connection): Hands => ({
  connection,
  writer: { mark, isNextAfter: () => true, confirm: async () => ({ ok: true }) },
  secretData: async () => undefined,
  report: () => undefined,
})

const parents = 'GET /api/v1/namespaces/homeslice-system/configmaps'
const records = 'GET /api/v1/namespaces/homeslice-system/secrets'
const access = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const record = put(
  recordObject({ estate, service: 'web', number: 1 }, { annotations: { [writerKey]: mark }, data: { objects: '' } }),
)
const parent = put(parentOf('casa-prod-web', estate, []))
const web = objectsOf(estate, { web: { image: 'web:1' } }).map(put)
const [namespace, account, map] = web as [KubeObject, KubeObject, KubeObject]
const old: KubeObject = put({ ...namespace, metadata: { name: 'casa-prod-old', labels } })
const lease = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'casa-prod', namespace: 'homeslice-system' },
}
const held = {
  ...lease,
  metadata: { ...lease.metadata, resourceVersion: '7' },
  spec: { holderIdentity: 'one@elsewhere pid 1 x', leaseTransitions: 2 },
}
const probe = 'PATCH /api/v1/namespaces/homeslice-system/configmaps/homeslice-probe'
const late: Told = [422, { message: "ValidatingAdmissionPolicy 'homeslice-writer' denied request" }]

const stored = objectsOf(estate, { web: { image: 'web:1', volume: '1Gi', quota: { pods: '2' } } }).map(put)
const ofKind = (kind: string): KubeObject => stored.find((object) => object.kind === kind) ?? map
const [volume, quota, deployment] = [ofKind('PersistentVolumeClaim'), ofKind('ResourceQuota'), ofKind('Deployment')]
const step = (action: Step['action'], desired: KubeObject, live?: KubeObject): Step => ({
  object: nameOf(desired),
  action,
  grades: ['routine'],
  reason: action,
  what: action,
  dangers: [],
  desired,
  ...(live === undefined ? {} : { live }),
})
const readiness: Answers = Object.fromEntries(
  ['/apis/apps/v1/deployments', '/apis/batch/v1/cronjobs', '/api/v1/pods', '/apis/batch/v1/jobs'].map(
    (path): [string, Told] => [`GET ${path}`, [200, { items: [] }]],
  ),
)

type Row = {
  readonly answers: Answers
  readonly work: (connection: Connection) => Promise<unknown>
}

const rows: Readonly<Record<string, Row>> = {
  'a look at an environment': {
    answers: {
      ...nothing,
      [parents]: [200, { items: [] }],
      'GET /api/v1/namespaces': [200, { items: [namespace, old] }],
      'GET /api/v1/serviceaccounts': [200, { items: [{ ...account, automountServiceAccountToken: true }] }],
      // One without our labels, and one that is not there.
      ...Object.fromEntries(web.slice(2).map((object): [string, Told] => [at('GET', object), gone])),
      [at('GET', map)]: [200, map],
      [at('PATCH', account)]: [200, account],
      'GET /api/v1/namespaces/casa-prod-new': gone,
      [access]: [201, { status: { allowed: true } }],
      'GET /api/v1/namespaces/casa-prod-old/persistentvolumeclaims': [
        200,
        { items: [{ metadata: { name: 'theirs', namespace: 'casa-prod-old' } }] },
      ],
    },
    work: (connection) =>
      observe(connection, estate, {
        desired: [...web, { ...namespace, metadata: { ...namespace.metadata, name: 'casa-prod-new' } }],
        allow: [],
      }),
  },
  'a removal': {
    answers: {
      [parents]: [200, { items: [parent] }],
      [records]: [200, { items: [record] }],
      ...Object.fromEntries(
        [map, parent, record].flatMap((object): [string, Told | readonly Told[]][] => [
          [at('GET', object), [[200, object], gone]],
          [at('DELETE', object), [200, object]],
        ]),
      ),
    },
    work: (connection) => destroyEnvironment(handsOn(connection), { estate, removed: [map], kept: [] }),
  },
  'carrying a plan out': {
    answers: {
      [parents]: [
        [200, { items: [] }],
        [200, { items: [parent] }],
      ],
      [at('PATCH', parent)]: [200, parent],
      ...Object.fromEntries(
        [account, volume, deployment].flatMap((object): [string, Told | readonly Told[]][] => [
          [at('GET', object), [[200, object], gone]],
          [at('DELETE', object), [200, object]],
        ]),
      ),
      ...Object.fromEntries(
        [map, quota, volume, deployment].map((object): [string, Told] => [at('PATCH', object), [200, object]]),
      ),
      ...readiness,
    },
    work: (connection) =>
      applyPlan(handsOn(connection), {
        estate,
        plan: {
          steps: [
            step('create', map),
            step('update', quota, { ...quota, spec: { hard: { pods: '4' } } }),
            step('replace', volume, volume),
            { ...step('delete', account, account), desired: undefined },
          ] as Step[],
          stopped: [],
          unchanged: 0,
        },
        desired: [map, quota, volume, deployment],
        live: [account, volume, deployment],
        sets: ['casa-prod-web'],
        workloads: [],
        deadlineSeconds: 1,
      }),
  },
  'taking over from a silent writer': {
    answers: {
      ...nothing,
      [at('GET', lease)]: [200, held],
      [at('PUT', lease)]: [200, { ...held, spec: { holderIdentity: 'me', leaseTransitions: 3 } }],
      [probe]: [[200, {}], [409, { message: 'not yet' }], late],
      'GET /api/v1/configmaps': [200, { items: [map] }],
      'GET /api/v1/serviceaccounts': [200, { items: [account] }],
      [parents]: [200, { items: [parent] }],
      [records]: [200, { items: [record] }],
      [at('PATCH', map)]: [200, map],
      [at('PATCH', account)]: gone,
      [at('PATCH', parent)]: [200, parent],
      [at('PATCH', record)]: [200, record],
    },
    work: (connection) =>
      elect(connection, { estate, holder: 'me', seconds: 0.01, report: () => undefined, signal: undefined }),
  },
  'laying the ground': {
    answers: {
      ...Object.fromEntries(ground.map((object): [string, Told] => [at('GET', object), gone])),
      'POST /api/v1/namespaces': [201, ground[0] ?? {}],
      ...Object.fromEntries(ground.slice(1).map((object): [string, Told] => [at('PATCH', object), [201, object]])),
    },
    work: layGround,
  },
  'looking at the ground': {
    answers: Object.fromEntries(ground.map((object): [string, Told] => [at('GET', object), [200, object]])),
    work: missingGround,
  },
  'a list of everything': { answers: nothing, work: (connection) => listAll(connection, 'a=b') },
  'a look at services': {
    answers: readiness,
    work: (connection) => statusOf(connection, estate, [{ name: 'web', namespace: 'casa-prod-web' }]),
  },
  'a record': {
    answers: {
      'POST /api/v1/namespaces/homeslice-system/secrets': [409, { message: 'already exists' }],
      [at('GET', record)]: [200, record],
    },
    work: (connection) => createRecords(handsOn(connection), [record]),
  },
  'reading a record': { answers: { [at('GET', record)]: [200, record] }, work: (one) => readRecord(one, record) },
  'noting something on records': {
    answers: { [at('PATCH', record)]: [200, record] },
    work: (connection) => noteRecords(handsOn(connection), [{ record, annotations: {} }]),
  },
  'removing records': {
    answers: { [at('GET', record)]: [[200, record], gone], [at('DELETE', record)]: [200, record] },
    work: (connection) => removeRecords(handsOn(connection), [record]),
  },
  'what an object of ours holds for others': {
    answers: { [at('PATCH', map)]: [200, map] },
    work: (connection) => fillObject(connection, map, { manager: 'homeslice-keeper', data: {} }),
  },
  'reading a lease': { answers: { [at('GET', lease)]: [200, held] }, work: (one) => readLease(one, 'casa-prod') },
  'writing a lease': {
    answers: { [at('PUT', lease)]: [200, held] },
    work: (connection) =>
      writeLease(connection, { ok: true, name: 'casa-prod', holder: 'me', token: 1, version: '6' }, 5),
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
      message: expect.stringMatching(/^you may not .*: it says no$|^the cluster does not say what you may do/u),
    })
  })
})

describe('where a refusal does no harm', () => {
  const named = { namespace: 'kube-system', name: 'traefik-gateway', section: 'web' }
  const gateway = 'GET /apis/gateway.networking.k8s.io/v1/namespaces/kube-system/gateways/traefik-gateway'
  const services = 'GET /api/v1/namespaces/kube-system/services'
  const chart = 'GET /apis/helm.cattle.io/v1/namespaces/kube-system/helmcharts/traefik'
  const addressed = {
    status: { addresses: [{ value: '192.0.2.10' }] },
    spec: { listeners: [{ name: 'web', protocol: 'HTTP', port: 80 }] },
  }

  it('an address is told as far as it is known', async () => {
    const { connection } = await serverWith({ [gateway]: [200, addressed], [services]: [200, { items: [] }] })
    expect(await gatewayUrl(connection, named)).toBe('http://192.0.2.10')
    const { connection: half } = await serverWith({ [gateway]: [200, addressed] })
    expect(await gatewayUrl(half, named)).toBe('http://192.0.2.10')
    const { connection: none } = await serverWith({})
    expect(await gatewayUrl(none, named)).toBeUndefined()
  })

  it('so is the chart of k3s', async () => {
    const { connection } = await serverWith({ [chart]: [200, { spec: { chart: 'https://casa.test/traefik.tgz' } }] })
    expect(await readChart(connection)).toBe('https://casa.test/traefik.tgz')
    const { connection: none } = await serverWith({})
    expect(await readChart(none)).toBeUndefined()
  })

  it('a namespace that somebody gave is not touched', async () => {
    const row = rows['taking over from a silent writer']
    const { connection } = await serverWith({
      ...row?.answers,
      'GET /api/v1/namespaces': [200, { items: [namespace] }],
      [at('PATCH', namespace)]: no,
    })
    expect(await row?.work(connection)).toMatchObject({ ok: true, token: 3 })
  })
})

describe('what the server does not take', () => {
  it.each<[string, Answers, (connection: Connection) => Promise<unknown>, string]>([
    [
      'a touch',
      { ...rows['taking over from a silent writer']?.answers, [at('PATCH', map)]: [422, { message: 'no such thing' }] },
      (one) => rows['taking over from a silent writer']?.work(one) ?? Promise.reject(new Error('no row')),
      'ConfigMap casa-prod-web/web cannot be touched: no such thing',
    ],
    [
      'the ground',
      { ...rows['laying the ground']?.answers, 'POST /api/v1/namespaces': [422, { message: 'no such thing' }] },
      layGround,
      'homeslice-system cannot be made ready: no such thing',
    ],
    [
      'a lease',
      { [at('PUT', lease)]: [422, { message: 'no' }] },
      rows['writing a lease']?.work ?? layGround,
      'the lease casa-prod cannot be written: no',
    ],
    [
      'a lease that is read',
      { [at('GET', lease)]: [409, { message: 'no' }] },
      (one) => readLease(one, 'casa-prod'),
      'the lease casa-prod cannot be read: no',
    ],
    [
      'a record that went',
      { [at('GET', record)]: gone },
      (one) => readRecord(one, record),
      `the record ${record.metadata.name} is gone`,
    ],
    [
      'a record that another wrote',
      {
        'POST /api/v1/namespaces/homeslice-system/secrets': [409, { message: 'already exists' }],
        [at('GET', record)]: [200, { metadata: { name: record.metadata.name } }],
      },
      (one) => createRecords(handsOn(one), [record]),
      `the record ${record.metadata.name} is there already`,
    ],
  ])('is told in words: %s', async (...[, answers, work, message]) => {
    const { connection } = await serverWith(answers)
    expect(await work(connection)).toMatchObject({ ok: false, message })
  })

  it('is no trouble where it is as it should be', async () => {
    const { connection } = await serverWith({
      ...rows['laying the ground']?.answers,
      'POST /api/v1/namespaces': [409, { message: 'already exists' }],
    })
    expect(await layGround(connection)).toEqual({ ok: true })
    const { connection: without } = await serverWith({ [at('PATCH', record)]: gone })
    expect(await noteRecords(handsOn(without), [{ record, annotations: {} }])).toEqual({ ok: true })
  })
})
