import { describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import type { Connection } from './connection.ts'
import type { Call } from './http.ts'
import { nodesOf } from './nodes.ts'
import { verdictOn } from './verdict.ts'

type Said = { readonly status: number; readonly body: unknown }

/** A cluster that answers each call in its own words. */
const cluster = (answer: (call: Call) => Said): Connection => ({
  server: 'https://192.0.2.1',
  version: 'v1.36.0',
  call: async (call) => ({ ...answer(call), retryAfter: undefined }),
})

describe('the nodes of a cluster', () => {
  it('have the memory that is left for pods, but for those that take none', async () => {
    const node = (name: string, memory: string, spec: object = {}) => ({
      metadata: { name, labels: { disk: 'ssd' } },
      spec,
      status: { allocatable: { memory } },
    })
    const items = [node('pi', '3884132Ki'), node('nuc', '8Gi', { unschedulable: true }), { metadata: { name: 'new' } }]
    expect(await nodesOf(cluster(() => ({ status: 200, body: { items } })))).toEqual([
      { name: 'pi', mebibytes: 3793, labels: { disk: 'ssd' } },
      { name: 'new', mebibytes: 0, labels: {} },
    ])
  })

  it('are nobody’s business where we may not look', async () => {
    expect(await nodesOf(cluster(() => ({ status: 403, body: { message: 'forbidden' } })))).toEqual([])
  })
})

describe('a conflict', () => {
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'casa-prod-web' } }
  const conflicts = (managers: readonly string[]) =>
    cluster(({ path }) =>
      path.includes('force=true')
        ? { status: 200, body: namespace }
        : {
            status: 409,
            body: {
              message: '',
              details: { causes: managers.map((name) => ({ message: `conflict with "${name}" using v1` })) },
            },
          },
    )

  it('is one with others: a namespace was made under our own name', async () => {
    expect(await verdictOn(conflicts(['homeslice']), namespace, namespace)).toMatchObject({ takenFrom: [] })
    expect(await verdictOn(conflicts(['homeslice', 'kubectl-edit']), namespace, namespace)).toMatchObject({
      takenFrom: ['kubectl-edit'],
    })
  })
})

describe('what an object would become', () => {
  const map: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'n' },
    data: { x: '1' },
  }
  const withMore: KubeObject = {
    ...map,
    metadata: {
      ...map.metadata,
      managedFields: [
        { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:theirs': {} } } },
        { manager: 'homeslice', operation: 'Apply', fieldsV1: { 'f:data': { 'f:x': {} } } },
      ],
    },
    data: { x: '1', theirs: '2' },
  }
  const saying = (status: number, message: string) => cluster(() => ({ status, body: { message } }))

  it('is told although what others added does not go with it, for that goes first', async () => {
    expect(await verdictOn(saying(422, 'duplicate'), { ...map, data: { x: '2' } }, withMore)).toMatchObject({
      kind: 'becomes',
      object: { data: { x: '2' } },
      takenFrom: ['kubectl-edit'],
    })
  })

  it.each([
    [422, 'invalid', 'ConfigMap n/a is not accepted: invalid'],
    [409, 'again', 'ConfigMap n/a changed while it was looked at: again'],
    [403, 'no', 'you may not apply ConfigMap a: no'],
  ])('is a sentence where the server says %i', async (status, said, message) => {
    expect(await verdictOn(saying(status, said), map, map)).toMatchObject({ ok: false, message })
  })

  it('of a Secret is known without its values, and nobody is asked', async () => {
    const nobody = cluster(() => ({ status: 500, body: {} }))
    const secret: KubeObject = { ...map, kind: 'Secret', type: 'Opaque', immutable: true }
    const wanted: KubeObject = { ...secret, metadata: { ...secret.metadata, labels: { of: 'casa' } } }
    const owned = (manager: string): KubeObject['metadata'] => ({
      ...secret.metadata,
      managedFields: [{ manager, operation: 'Apply', fieldsV1: { 'f:data': { '.': {}, 'f:value': {} } } }],
    })
    expect(await verdictOn(nobody, wanted, { ...secret, metadata: owned('homeslice') })).toMatchObject({
      kind: 'becomes',
      object: { metadata: { labels: { of: 'casa' } } },
      takenFrom: [],
    })
    for (const other of [{ immutable: true }, { immutable: false, type: 'kubernetes.io/tls' }])
      expect(await verdictOn(nobody, wanted, { ...secret, ...other, metadata: owned('kubectl') })).toEqual({
        kind: 'immutable',
        message: 'somebody else made it anew',
      })
    expect(await verdictOn(nobody, wanted, { ...secret, immutable: false, metadata: owned('kubectl') })).toMatchObject({
      kind: 'becomes',
      object: { immutable: true },
      takenFrom: ['kubectl'],
    })
  })
})
