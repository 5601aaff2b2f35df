import { afterEach, describe, expect, it, vi } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { type Answers, serverWith, stopServers } from './answers.testing.ts'
import type { Connection } from './connection.ts'
import { type Hands, put, remove } from './effects.ts'
import { failure } from './failure.ts'
import { pathOf } from './kinds.ts'

afterEach(stopServers)

const handsOn = async (answers: Answers, more: Partial<Hands> = {}) => {
  const { connection, asked } = await serverWith(answers)
  const report = vi.fn<Hands['report']>()
  const writer = { mark: 'casa-prod/3', confirm: async () => ({ ok: true }) as const }
  return { hands: { connection, writer, secretData: async () => undefined, report, ...more } as Hands, asked, report }
}
const make = (kind: string, metadata: object = {}, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', ...(kind === 'Namespace' ? {} : { namespace: 'casa-prod-web' }), uid: '1', ...metadata },
  ...more,
})
const map = make('ConfigMap')
const at = (method: string, object: KubeObject = map): string => `${method} ${pathOf(object)}`
const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const gone = [404, { message: 'not found' }] as const
const applied = async (answers: Answers, object: KubeObject = map) => {
  const { hands, asked } = await handsOn(answers)
  const done = await put(hands, object, { force: false })
  return { done: done.ok ? 'done' : done.message, asked }
}

describe('an object that is applied', () => {
  it('is applied again once what was on its way out is gone', async () => {
    const { done, asked } = await applied({
      [at('PATCH')]: [
        [200, make('ConfigMap', leaving)],
        [201, map],
      ],
      [at('GET')]: [[200, make('ConfigMap', leaving)], gone],
    })
    expect([done, asked]).toEqual(['done', [at('PATCH'), at('GET'), at('GET'), at('PATCH')]])
  })

  it('is applied again where another has its name by then', async () => {
    const { done } = await applied({
      [at('PATCH')]: [
        [200, make('ConfigMap', leaving)],
        [201, map],
      ],
      [at('GET')]: [200, make('ConfigMap', { uid: '2' })],
    })
    expect(done).toBe('done')
  })

  it.each<[string, readonly [number, object], string]>([
    ['is not allowed to see whether that is gone', [403, { message: 'no' }], 'you may not read ConfigMap web: no'],
    [
      'is told something else',
      [409, { message: 'strange' }],
      'ConfigMap casa-prod-web/web was changed by somebody else in the meantime',
    ],
  ])('fails where one %s', async (_, answer, message) => {
    const { done } = await applied({ [at('PATCH')]: [200, make('ConfigMap', leaving)], [at('GET')]: answer })
    expect(done).toBe(message)
  })

  it.each<[string, readonly [number, object], RegExp]>([
    [
      'another writes by now',
      [422, { message: "ValidatingAdmissionPolicy 'homeslice-writer' denied it" }],
      /was not written, since another run took over/u,
    ],
    [
      'somebody holds a field',
      [409, { message: 'conflict with "kubectl-edit" using v1' }],
      /was changed by kubectl-edit in the meantime/u,
    ],
    [
      'its namespace went away',
      [404, { message: 'namespaces "casa-prod-web" not found' }],
      /ConfigMap casa-prod-web\/web/u,
    ],
    ['its kind is not known', [404, { message: 'page not found' }], /knows no ConfigMap \(v1\), so /u],
    ['a webhook refuses it', [400, { message: 'admission webhook said no' }], /would not apply ConfigMap web: 400 /u],
  ])('is told in words where %s', async (_, answer, message) => {
    expect((await applied({ [at('PATCH')]: answer })).done).toMatch(message)
  })
})

describe('a Secret', () => {
  const secret = make('Secret', { name: 'token-v3' }, { type: 'Opaque' })

  it('whose value is not known is not written', async () => {
    const { done, asked } = await applied({}, secret)
    expect([done, asked]).toEqual(['the secret token is missing', []])
  })

  it.each([
    ['Opaque', { value: 'aGk=' }],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 'aGk=' }],
  ])('of type %s is written with the keys that are looked for', async (type, data) => {
    const call = vi.fn<Connection['call']>(async () => ({ status: 200, body: secret, retryAfter: undefined }))
    const { hands } = await handsOn({}, { secretData: async () => ({ value: 'aGk=' }) })
    await put({ ...hands, connection: { ...hands.connection, call } }, { ...secret, type }, { force: true })
    expect(call).toHaveBeenCalledWith(expect.objectContaining({ body: expect.objectContaining({ data }) }))
  })
})

describe('a namespace', () => {
  const labels = { 'homeslice.dev/home': 'casa', 'homeslice.dev/env': 'prod' }
  const ours = make('Namespace', { labels })
  const create = 'POST /api/v1/namespaces'
  const there = [409, { message: 'already exists' }] as const

  it('that is there and ours is applied', async () => {
    const answers: Answers = { [create]: there, [at('GET', ours)]: [200, ours], [at('PATCH', ours)]: [200, ours] }
    expect((await applied(answers, ours)).done).toBe('done')
  })

  it('of somebody else is left alone', async () => {
    const { done, asked } = await applied({ [create]: there, [at('GET', ours)]: [200, make('Namespace')] }, ours)
    expect(done).toBe('the namespace web is there already, and it is not ours')
    expect(asked).toEqual([create, at('GET', ours)])
  })

  it('that went in between is made, and one on its way out is waited for', async () => {
    const answers: Answers = {
      [create]: [there, there, [201, ours]],
      [at('GET', ours)]: [gone, [200, make('Namespace', { labels, ...leaving })], gone],
    }
    expect((await applied(answers, ours)).done).toBe('done')
  })

  it.each<[string, Answers, string]>([
    ['may not be made', { [create]: [403, { message: 'no' }] }, 'you may not create Namespace web: no'],
    [
      'may not be looked at',
      { [create]: there, [at('GET', ours)]: [403, { message: 'no' }] },
      'you may not read Namespace web: no',
    ],
    [
      'is lost sight of on its way out',
      {
        [create]: there,
        [at('GET', ours)]: [
          [200, make('Namespace', { labels, ...leaving })],
          [403, { message: 'no' }],
        ],
      },
      'you may not read Namespace web: no',
    ],
  ])('that %s is told in words', async (_, answers, message) => {
    expect((await applied(answers, ours)).done).toBe(message)
  })
})

describe('an object that is removed', () => {
  const removed = async (answers: Answers, more: Partial<Hands> = {}) => {
    const { hands, asked, report } = await handsOn(answers, more)
    const done = await remove(hands, map)
    return { done: done.ok ? 'done' : done.message, asked, told: report.mock.calls.length }
  }

  it('is deleted as it was seen, and again where it changed just then', async () => {
    const { done, asked } = await removed({
      [at('GET')]: [[200, map], [200, map], gone],
      [at('DELETE')]: [
        [409, { message: 'changed' }],
        [200, map],
      ],
    })
    expect([done, asked]).toEqual(['done', ['GET', 'DELETE', 'GET', 'DELETE', 'GET'].map((method) => at(method))])
  })

  it('is left alone where another has its name', async () => {
    const { done, asked } = await removed({ [at('GET')]: [200, make('ConfigMap', { uid: '2' })] })
    expect(done).toBe('done')
    expect(asked).not.toContain(at('DELETE'))
  })

  it('that is gone already is gone', async () => {
    expect((await removed({ [at('GET')]: gone })).done).toBe('done')
  })

  it('stays where another run took over', async () => {
    const confirm = async () => failure('refused', 'another took over')
    const { done, asked } = await removed(
      { [at('GET')]: [200, map] },
      { writer: { mark: 'm/1', isNextAfter: () => true, confirm } },
    )
    expect([done, asked]).toEqual(['another took over', [at('GET')]])
  })

  it.each<[string, Answers, string]>([
    ['it may not be read', { [at('GET')]: [403, { message: 'no' }] }, 'you may not read ConfigMap web: no'],
    [
      'it may not be deleted',
      { [at('GET')]: [200, map], [at('DELETE')]: [403, { message: 'no' }] },
      'you may not delete ConfigMap web: no',
    ],
    [
      'it is not seen going',
      {
        [at('GET')]: [
          [200, map],
          [403, { message: 'no' }],
        ],
        [at('DELETE')]: [200, map],
      },
      'you may not read ConfigMap web: no',
    ],
  ])('stays where %s', async (_, answers, message) => {
    expect((await removed(answers)).done).toBe(message)
  })

  it.each<[string, object, string]>([
    [
      'its finalizers',
      { metadata: { ...map.metadata, finalizers: ['casa.test/hold'] } },
      ': its finalizers are casa.test/hold',
    ],
    [
      'what holds it',
      {
        status: {
          conditions: [
            { type: 'NamespaceContentRemaining', status: 'True', message: 'one pod is left' },
            { type: 'Ready', status: 'True', message: 'fine' },
            { type: 'NamespaceDeletionContentFailure', status: 'False', message: 'none' },
          ],
        },
      },
      ': one pod is left',
    ],
    ['nothing where nothing is known', {}, ''],
  ])('that does not go says %s', async (_, more, words) => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const { hands } = await handsOn({ [at('GET')]: [200, { ...map, ...more }], [at('DELETE')]: [200, map] })
      // Time is over at the second look.
      setTimeout(() => vi.advanceTimersByTime(91_000), 100)
      const done = await remove(hands, map)
      expect(done).toMatchObject({
        ok: false,
        message: `ConfigMap casa-prod-web/web does not go away within 90 s${words}`,
        fix: 'look at it: kubectl get configmap web -o yaml',
      })
    } finally {
      vi.useRealTimers()
    }
  })
})
