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
