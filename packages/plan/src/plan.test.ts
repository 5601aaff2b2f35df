import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { inWords, nameOf, serviceOf } from './change.ts'
import { differences } from './compare.ts'
import { ownsMoreThan } from './owned.ts'
import { makePlan, suspectsOf, type Verdict } from './plan.ts'
import { quantity } from './quantity.ts'

type Patch = Readonly<Record<string, unknown>>

const labels = { 'homeslice.dev/service': 'notes' }
const make = (
  kind: string,
  name: string,
  more: Patch = {},
  namespace: string | undefined = 'casa-prod-notes',
): KubeObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  metadata: { name, ...(namespace === '' ? {} : { namespace }), labels },
  ...more,
})
const deployment = (image: string, more: Patch = {}): KubeObject =>
  make('Deployment', 'notes', { spec: { template: { spec: { containers: [{ name: 'notes', image, ...more }] } } } })
const volume = make('PersistentVolumeClaim', 'data-data', { spec: { resources: { requests: { storage: '1Gi' } } } })
const hostFolder = make('PersistentVolumeClaim', 'data-in', { spec: { storageClassName: '' } })
const namespace = make('Namespace', 'casa-prod-notes', {}, '')
const config = make('ConfigMap', 'notes-1', { data: { a: '1' } })

const becomes = (object: KubeObject, takenFrom: readonly string[] = []): Map<string, Verdict> =>
  new Map([[identityOf(object), { kind: 'becomes', object, takenFrom }]])
const immutable = (object: KubeObject): Map<string, Verdict> =>
  new Map([[identityOf(object), { kind: 'immutable', message: 'field is immutable' }]])

describe('a plan', () => {
  it.each([
    ['nothing there', { desired: [config], live: [] }, ['create routine: new'], []],
    ['all as desired', { desired: [config], live: [config] }, [], []],
    [
      'a new image',
      { desired: [deployment('a:2')], live: [deployment('a:1')], verdicts: becomes(deployment('a:2')) },
      ['update routine: image a:1 → a:2'],
      [],
    ],
    [
      'a suspect that is the same',
      { desired: [deployment('a:1')], live: [deployment('a:1')], verdicts: becomes(deployment('a:1')) },
      [],
      [],
    ],
    [
      'a field taken back',
      {
        desired: [config],
        live: [make('ConfigMap', 'notes-1', { data: { a: '2' } })],
        verdicts: becomes(config, ['kubectl-edit']),
      },
      ['update routine: changes data.a, taken back from kubectl-edit'],
      [],
    ],
    [
      'many fields',
      {
        desired: [config],
        live: [config],
        verdicts: becomes(make('ConfigMap', 'notes-1', { data: { a: '2', b: '', c: '', d: '' } })),
      },
      ['update routine: changes data.a, data.b, data.c and 1 more'],
      [],
    ],
    ['no longer wanted', { desired: [], live: [config] }, ['delete routine: no longer in the home file'], []],
    [
      'no longer wanted, and kept for a version before',
      { desired: [], live: [config, make('ConfigMap', 'notes-2')], kept: new Set([identityOf(config)]) },
      ['delete routine: no longer in the home file'],
      [],
    ],
    [
      'a volume removed',
      { desired: [], live: [volume] },
      ['delete data-loss: the volume data-data of notes would be deleted with everything on it'],
      ['data-loss:notes'],
    ],
    [
      'a volume removed, allowed',
      { desired: [], live: [volume], allow: ['data-loss:notes'] },
      ['delete data-loss: the volume data-data of notes would be deleted with everything on it'],
      [],
    ],
    [
      'another volume allowed',
      { desired: [], live: [volume], allow: ['data-loss:other'] },
      ['delete data-loss: the volume data-data of notes would be deleted with everything on it'],
      ['data-loss:notes'],
    ],
    [
      'a namespace with a volume removed',
      { desired: [], live: [namespace, volume] },
      [
        'delete data-loss: the namespace of notes would be deleted with its volumes',
        'delete data-loss: the volume data-data of notes would be deleted with everything on it',
      ],
      ['data-loss:notes'],
    ],
    [
      'a namespace without one removed',
      { desired: [], live: [namespace, config] },
      ['delete routine: no longer in the home file', 'delete routine: no longer in the home file'],
      [],
    ],
    ['a host folder let go', { desired: [], live: [hostFolder] }, ['delete routine: no longer in the home file'], []],
    [
      'a volume that must be made anew',
      { desired: [volume], live: [volume], verdicts: immutable(volume) },
      [
        'replace data-loss: the volume data-data of notes cannot become what it is to be: it would be deleted with everything on it and made anew (cannot be changed in place: field is immutable)',
      ],
      ['data-loss:notes'],
    ],
    [
      'a selector that must be made anew',
      { desired: [deployment('a:1')], live: [deployment('a:1')], verdicts: immutable(deployment('a:1')) },
      [
        'replace downtime: notes would be away for up to 40 s: up to 30 s to end, and about 10 s to start again (cannot be changed in place: field is immutable)',
      ],
      [],
    ],
  ])('%s', (_, input, steps, stopped) => {
    const plan = makePlan(input)
    expect(plan.steps.map(({ action, grades, reason }) => `${action} ${grades.join()}: ${reason}`)).toEqual(steps)
    expect(plan.stopped.map(({ allow }) => allow)).toEqual(stopped)
    expect(plan.unchanged).toBe(input.desired.length - plan.steps.filter(({ action }) => action !== 'delete').length)
  })

  it('shows the worst first', () => {
    const plan = makePlan({ desired: [config], live: [make('ConfigMap', 'old'), volume] })
    expect(plan.steps.map(({ action, grades }) => `${action} ${grades.join()}`)).toEqual([
      'delete data-loss',
      'delete routine',
      'create routine',
    ])
  })
})

describe('differences, seen from what is desired', () => {
  const spec = (value: unknown): KubeObject => make('Deployment', 'x', { spec: value })
  it.each([
    ['nothing', { a: 1 }, { a: 1 }, []],
    ['what the server fills in', { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, []],
    ['a plain value', { a: 1 }, { a: 2 }, ['spec.a']],
    ['a missing group', { a: { b: 1 } }, {}, ['spec.a']],
    ['an empty group that the server drops', { a: {} }, {}, []],
    ['a group that became a value', { a: { b: 1 } }, { a: 1 }, ['spec.a']],
    ['a list that became a value', { a: [1] }, { a: 1 }, ['spec.a']],
    ['a shorter list', { args: ['a', 'b'] }, { args: ['a'] }, ['spec.args']],
    ['an empty list that the server drops', { args: [] }, {}, []],
    ['a list that is gone', { args: ['a'] }, {}, ['spec.args']],
    ['an empty list that is none any more', { args: [] }, { args: ['a'] }, ['spec.args']],
    ['an item of a list', { args: ['a', 'b'] }, { args: ['a', 'c'] }, ['spec.args[1]']],
    [
      'quantities in another form',
      { limits: { cpu: '1000m', memory: '1Gi' } },
      { limits: { cpu: '1', memory: '1024Mi' } },
      [],
    ],
    ['quantities that differ', { limits: { cpu: '1000m' } }, { limits: { cpu: '2' } }, ['spec.limits.cpu']],
    ['quantities that are none', { limits: { cpu: 'x' } }, { limits: { cpu: 'y' } }, ['spec.limits.cpu']],
    ['quantities with exponents', { limits: { cpu: '1e3m' } }, { limits: { cpu: 'e' } }, ['spec.limits.cpu']],
    ['large quantities', { hard: { memory: '1e3' } }, { hard: { memory: '1k' } }, []],
    ['text that only looks like a quantity', { a: '1000m' }, { a: '1' }, ['spec.a']],
    [
      'containers by name, in any order',
      { containers: [{ name: 'a', x: 1 }] },
      { containers: [{ name: 'b' }, { name: 'a', x: 1 }] },
      [],
    ],
    [
      'a container that is not there',
      { containers: [{ name: 'a' }] },
      { containers: [{ name: 'b' }] },
      ['spec.containers[a]'],
    ],
    [
      'container ports',
      { ports: [{ containerPort: 80, name: 'a' }] },
      { ports: [{ containerPort: 80, name: 'b', protocol: 'TCP' }] },
      ['spec.ports[80].name'],
    ],
    [
      'service ports',
      { ports: [{ port: 80, targetPort: 8000 }] },
      { ports: [{ port: 80, targetPort: 9000 }] },
      ['spec.ports[80].targetPort'],
    ],
    [
      'a service port that is gone',
      {
        ports: [
          { port: 80, targetPort: 8000 },
          { port: 81, targetPort: 8001 },
        ],
      },
      { ports: [{ port: 80, targetPort: 8000 }] },
      ['spec.ports[81]'],
    ],
    [
      'policy ports, which are a plain list',
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      [],
    ],
    [
      'a guard that is wanted no longer, in a list that is replaced as a whole',
      { rules: [{ matches: [{ path: '/' }] }] },
      { rules: [{ matches: [{ path: '/', headers: [{ name: 'x' }] }], filters: [{ type: 'ExtensionRef' }] }] },
      ['spec.rules[0].matches[0].headers', 'spec.rules[0].filters'],
    ],
    [
      'nothing at all in such a list, which is no difference',
      { rules: [{ matches: [{ path: '/' }] }] },
      { rules: [{ matches: [{ path: '/' }], filters: [], timeouts: {}, name: null }] },
      [],
    ],
  ])('%s', (_, desired, live, paths) => {
    expect(differences(spec(desired), spec(live))).toEqual(paths)
  })

  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
    ),
  })).value

  const objects = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    json,
  )

  it('finds none in an object compared with itself', () => {
    fc.assert(
      fc.property(objects, (value) => {
        expect(differences(spec(value), spec(value))).toEqual([])
      }),
    )
  })

  it('finds none in what the server filled in besides', () => {
    fc.assert(
      fc.property(objects, fc.dictionary(fc.constantFrom('nodeName', 'uid'), fc.integer()), (value, filled) => {
        const desired = Object.fromEntries(Object.entries(value).filter(([key]) => !(key in filled)))
        expect(differences(spec(desired), { ...spec({ ...filled, ...desired }), status: filled })).toEqual([])
      }),
    )
  })

  it('finds every changed value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer(), { minKeys: 1 }), (value) => {
        const changed = Object.fromEntries(Object.entries(value).map(([key, number]) => [key, number + 1]))
        expect(differences(spec(value), spec(changed))).toHaveLength(Object.keys(value).length)
      }),
    )
  })

  it('reads quantities as the server writes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (number) => {
        const limits = (cpu: string, memory: string): KubeObject => spec({ limits: { cpu, memory } })
        const [desired, live] = [limits(`${number * 1000}m`, `${number}Gi`), limits(`${number}`, `${number * 1024}Mi`)]
        expect(differences(desired, live)).toEqual([])
        expect(differences(desired, limits(`${number + 1}`, `${number * 1024 + 1}Mi`))).toHaveLength(2)
      }),
    )
  })
})

describe('fields that we own and want no longer', () => {
  const owned = (fieldsV1: unknown, more: Patch = {}): KubeObject => ({
    ...config,
    metadata: { ...config.metadata, managedFields: [{ manager: 'homeslice', operation: 'Apply', fieldsV1, ...more }] },
  })
  const desired = make('Pod', 'x', { spec: { list: [{ name: 'a', v: 1 }, { port: 80 }], set: ['x'], none: {} } })
  it.each([
    ['none', { 'f:spec': { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:v': {} } } } }, false],
    ['an item', { 'f:spec': { 'f:list': { 'k:{"name":"b"}': {} } } }, true],
    ['a field of an item', { 'f:spec': { 'f:list': { 'k:{"name":"a"}': { 'f:w': {} } } } }, true],
    ['a key the server fills in', { 'f:spec': { 'f:list': { 'k:{"port":80,"protocol":"TCP"}': {} } } }, false],
    ['an item of a set', { 'f:spec': { 'f:set': { 'v:"x"': {}, 'v:"y"': {} } } }, true],
    ['a list that is none', { 'f:spec': { 'f:none': { 'v:"x"': {} } } }, true],
    ['below a value', { 'f:kind': { 'f:x': {} } }, true],
    ['who wrote it', { 'f:metadata': { 'f:annotations': { '.': {}, 'f:homeslice.dev/writer': {} } } }, false],
    ['another note', { 'f:metadata': { 'f:annotations': { 'f:a': {}, 'f:homeslice.dev/writer': {} } } }, true],
    ['data', { 'f:data': { 'f:b': {} } }, true],
  ])('%s', (_, fields, expected) => {
    expect(ownsMoreThan(desired, owned(fields))).toBe(expected)
  })

  it('looks only at what was applied under our name', () => {
    expect(ownsMoreThan(desired, owned({ 'f:data': {} }, { manager: 'kubectl' }))).toBe(false)
    expect(ownsMoreThan(desired, owned({ 'f:data': {} }, { subresource: 'status' }))).toBe(false)
    expect(ownsMoreThan(desired, { ...config, metadata: { ...config.metadata, managedFields: 1 } })).toBe(false)
  })

  it('never takes the values of a secret for a difference', () => {
    const secret = make('Secret', 's-v1')
    expect(ownsMoreThan(secret, owned({ 'f:data': { 'f:value': {} } }))).toBe(false)
  })

  it('makes only those suspects that may differ', () => {
    const other = make('ConfigMap', 'other', { data: { a: '1' } })
    const live = [config, make('ConfigMap', 'other', { data: { a: '2' } })]
    expect(suspectsOf({ desired: [config, other, make('ConfigMap', 'new')], live })).toEqual([other])
  })
})

describe('names in words', () => {
  it.each([
    [namespace, 'Namespace casa-prod-notes', 'notes'],
    [config, 'ConfigMap casa-prod-notes/notes-1', 'notes'],
    [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' } }, 'ConfigMap bare', 'bare'],
  ])('%#', (object, words, service) => {
    expect([inWords(nameOf(object)), serviceOf(object)]).toEqual([words, service])
  })
})

describe('a quantity', () => {
  it.each([
    ['1', 1],
    ['100m', 0.1],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['2k', 2000],
    ['1e3', 1000],
    ['12E', 12e18],
    ['1Ei', 2 ** 60],
    ['1.2.3', undefined],
    ['', undefined],
    ['Mi', undefined],
  ])('%j', (text, value) => {
    expect(quantity(text)).toBe(value)
  })
})
