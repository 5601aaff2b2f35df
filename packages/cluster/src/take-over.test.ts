import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { serverWith, stopServers } from './answers.testing.ts'
import type { Hands } from './effects.ts'
import { takeOver } from './take-over.ts'

afterEach(stopServers)

const applied: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'web', namespace: 'casa-prod-web' },
  data: { ours: '1' },
}
const withMore: KubeObject = {
  ...applied,
  metadata: {
    ...applied.metadata,
    resourceVersion: '7',
    managedFields: [
      { manager: 'kubectl-edit', operation: 'Update', fieldsV1: { 'f:data': { 'f:theirs': {} } } },
      { manager: 'homeslice', operation: 'Apply', fieldsV1: { 'f:data': { 'f:ours': {} } } },
    ],
  },
  data: { ours: '1', theirs: '2' },
}
const path = '/api/v1/namespaces/casa-prod-web/configmaps/web'
const taking = async (now: readonly [number, object], patched: readonly [number, object], seen = withMore) => {
  const { connection, asked } = await serverWith({ [`GET ${path}`]: now, [`PATCH ${path}`]: patched })
  const writer = { mark: 'casa-prod/3', isNextAfter: () => true, confirm: async () => ({ ok: true }) as const }
  const hands: Hands = { connection, writer, secretData: async () => undefined, report: () => undefined }
  const done = await takeOver(hands, applied, seen)
  return { done: done.ok ? 'done' : done.message, asked }
}

describe('what others added', () => {
  it('is taken over in the object as it is now', async () => {
    const { done, asked } = await taking([200, withMore], [200, withMore])
    expect([done, asked]).toEqual(['done', [`GET ${path}`, `PATCH ${path}`]])
  })

  it('asks for nothing where there is nothing, or no longer', async () => {
    expect(await taking([200, withMore], [200, withMore], applied)).toEqual({ done: 'done', asked: [] })
    expect(await taking([200, applied], [200, applied])).toEqual({ done: 'done', asked: [`GET ${path}`] })
    expect(await taking([404, { message: 'not found' }], [200, applied])).toEqual({
      done: 'done',
      asked: [`GET ${path}`],
    })
  })

  it.each([
    ['the object may not be read', [403, { message: 'no' }], [200, withMore], 'you may not read ConfigMap web: no'],
    [
      'it changed meanwhile',
      [200, withMore],
      [409, { message: 'the object has been modified' }],
      'ConfigMap casa-prod-web/web was changed by somebody else in the meantime',
    ],
  ] as const)('stays where %s', async (...[, now, patched, message]) => {
    expect((await taking(now, patched)).done).toBe(message)
  })
})
