import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { suspectsOf } from '@homeslice/plan'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { type Estate, labelsOfEstate, memberOf, setNameOf, systemNamespace } from './applyset.ts'
import { connect, type Connection } from './connection.ts'
import { planDestroy } from './destroy.ts'
import { bringUp, canary, estateOf, namespaceIn, objectsOf, type Shape, tearDown } from './estate.testing.ts'
import { listAll } from './objects.ts'
import { observe } from './observe.ts'

let trial: Trial
let connection: Connection

/** Of a program that only waits; every sandbox has it. */
const imageOf = (pods: readonly object[]): string =>
  (pods[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''
const image = imageOf(waitingPods('x', 'x'))

const fresh = async (signal?: AbortSignal): Promise<Connection> => {
  const connected = await connect({ kubeconfig: kubeconfigPath(trial), ...(signal ? { signal } : {}) })
  if (!connected.ok) throw new Error(connected.message)
  return connected.connection
}
const live = async (estate: Estate): Promise<KubeObject[]> => {
  const listed = await listAll(connection, labelsOfEstate(estate))
  if (!listed.ok) throw new Error(listed.message)
  return listed.objects
}
const names = (objects: readonly KubeObject[]): string[] => objects.map(identityOf).toSorted()
const planned = async (estate: Estate, desired: readonly KubeObject[], allow: readonly string[] = []) => {
  const observed = await observe(connection, estate, { desired, allow })
  if (!observed.ok) throw new Error(observed.message)
  return observed.plan
}
const parents = async (estate: Estate): Promise<KubeObject[]> => {
  const text = await trial.kubectl([
    'get',
    'configmap',
    '-n',
    systemNamespace,
    '-l',
    `homeslice.dev/parent-home=${estate.home}`,
    '-o',
    'json',
  ])
  return (JSON.parse(text) as { items: KubeObject[] }).items
}

beforeAll(async () => {
  trial = await startTrial('apply')
  connection = await fresh()
})
afterAll(() => trial?.remove())

describe('an environment', () => {
  const estate = estateOf('whole')
  const shape = (value: string, more: Partial<Shape> = {}): Shape => ({ image, value, ...more })
  const services = {
    a: shape('1', { secret: 1, route: '/a' }),
    b: shape('1', { volume: '16Mi', quota: { pods: '3' } }),
    c: shape('1', { schedule: '0 4 * * *' }),
  }

  it('is made, becomes ready, and is found as it was made', async () => {
    const desired = objectsOf(estate, services)
    const seen: string[] = []
    const report = (event: object): void => void seen.push(JSON.stringify(event))
    const applied = await bringUp(connection, { estate, desired, deadlineSeconds: 60, report })
    expect(applied).toMatchObject({ ok: true, created: desired.length, updated: 0, deleted: 0, interrupted: false })
    expect(applied.ok && applied.services.map(({ name, ready }) => [name, ready])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ])
    expect(names(await live(estate))).toEqual(names(desired))
    expect(seen.join()).not.toContain(canary)
  })

  it('names its kinds and namespaces in one parent per service', async () => {
    const [a, b] = await parents(estate)
    expect(a?.metadata.annotations).toEqual({
      'homeslice.dev/writer': 'whole-prod/1',
      'applyset.kubernetes.io/tooling': 'homeslice/v1',
      'applyset.kubernetes.io/additional-namespaces': 'whole-prod-a',
      'applyset.kubernetes.io/contains-group-kinds':
        'ConfigMap,Deployment.apps,HTTPRoute.gateway.networking.k8s.io,Namespace,Secret,Service,ServiceAccount',
    })
    expect(b?.metadata.name).toBe('whole-prod-b')
  })

  it('is left alone the second time: not one write', async () => {
    const desired = objectsOf(estate, services)
    const calls: string[] = []
    const counted: Connection = {
      ...connection,
      call: (call) => {
        if (call.method !== 'GET') calls.push(`${call.method} ${call.path}`)
        return connection.call(call)
      },
    }
    expect(await bringUp(counted, { estate, desired })).toMatchObject({
      ok: true,
      created: 0,
      updated: 0,
      deleted: 0,
      unchanged: desired.length,
    })
    // Of its lease, and whether the server knows it: that is a dry run.
    expect(calls.filter((call) => !/\/leases\/|\/homeslice-probe\?.*dryRun=All/u.test(call))).toEqual([])
  })

  it('follows a change, and loses exactly what is no longer wanted', async () => {
    const { c: _, ...rest } = services
    const desired = objectsOf(estate, { ...rest, a: shape('2', { secret: 2 }) })
    const before = await live(estate)
    const applied = await bringUp(connection, { estate, desired, deadlineSeconds: 60 })
    const gone = before.filter((one) => !names(desired).includes(identityOf(one)))
    expect(applied).toMatchObject({ ok: true, created: 1, updated: 3, deleted: gone.length })
    expect(names(await live(estate))).toEqual(names(desired))
    expect((await parents(estate)).map(({ metadata }) => metadata.name)).toEqual(['whole-prod-a', 'whole-prod-b'])
    expect((await planned(estate, desired)).steps).toEqual([])
  })

  it('takes a field back from others only where the plan says so', async () => {
    const { c: _, ...rest } = services
    const desired = objectsOf(estate, { ...rest, a: shape('2', { secret: 2 }) })
    await trial.kubectl([
      'patch',
      'configmap',
      'a',
      '-n',
      'whole-prod-a',
      '-p',
      '{"data":{"value":"theirs","more":"1"}}',
    ])
    const plan = await planned(estate, desired)
    expect(plan.steps.map(({ reason }) => reason)).toEqual([
      'changes data.value, data.more, taken back from kubectl-patch',
    ])
    // Somebody changes another object between the plan and its execution: that is not what was shown.
    const next = objectsOf(estate, { ...rest, a: shape('3', { secret: 2 }) })
    const racing: Connection = {
      ...connection,
      call: async (call) => {
        if (call.method === 'PATCH' && call.path.includes('/deployments/a') && !call.path.includes('dryRun')) {
          await trial.kubectl(['set', 'env', 'deployment/a', '-n', 'whole-prod-a', 'VALUE=theirs'])
        }
        return connection.call(call)
      },
    }
    expect(await bringUp(racing, { estate, desired: next })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^Deployment whole-prod-a\/a was changed by kubectl-set in the meantime$/u),
    })
    expect(await bringUp(connection, { estate, desired: next })).toMatchObject({ ok: true, updated: 1 })
    const left = await trial.kubectl(['get', 'configmap', 'a', '-n', 'whole-prod-a', '-o', 'jsonpath={.data}'])
    expect(JSON.parse(left)).toEqual({ value: '3' })
  })

  it('keeps a volume until it is allowed by name, and then makes it anew though its pod runs', async () => {
    const { c: _, ...rest } = services
    const smaller = objectsOf(estate, { ...rest, a: shape('3', { secret: 2 }), b: { ...rest.b, volume: '8Mi' } })
    expect(await bringUp(connection, { estate, desired: smaller })).toEqual({
      ok: false,
      stopped: [{ grade: 'data-loss', subject: 'b', allow: 'data-loss:b' }],
    })
    const larger = objectsOf(estate, { ...rest, a: shape('3', { secret: 2 }), b: { ...rest.b, volume: '32Mi' } })
    expect((await planned(estate, larger)).stopped).toHaveLength(1)
    const applied = await bringUp(connection, {
      estate,
      desired: smaller,
      allow: ['data-loss:b'],
      deadlineSeconds: 60,
    })
    expect(applied).toMatchObject({ ok: true })
    expect(applied.ok && applied.services.map(({ ready, reason }) => ready || reason)).toEqual([true, true])
    expect((await planned(estate, smaller)).steps).toEqual([])
  })

  it('nonsense is refused in the plan, and never leads to a delete', async () => {
    const { c: _, ...rest } = services
    const nonsense = objectsOf(estate, { ...rest, a: shape('3', { secret: 2, container: { image: '' } }) })
    expect(await bringUp(connection, { estate, desired: nonsense })).toMatchObject({
      ok: false,
      message: expect.stringContaining('Deployment whole-prod-a/a is not accepted'),
    })
    const changed = objectsOf(estate, { ...rest, a: shape('3', { secret: 2 }) }).map((object) =>
      object.kind === 'Deployment' && object.metadata.name === 'a'
        ? (JSON.parse(JSON.stringify(object).replaceAll('"app":"a"', '"app":"other"')) as KubeObject)
        : object,
    )
    expect((await planned(estate, changed)).steps.map(({ action, object }) => `${action} ${object.kind}`)).toContain(
      'replace Deployment',
    )
  })

  it('is made again over namespaces that are still on their way out', async () => {
    const desired = objectsOf(estate, { a: shape('3', { secret: 2 }), b: services.b })
    // A finalizer of somebody else holds it back for a moment.
    const held = ['configmap', 'a', '-n', 'whole-prod-a']
    await trial.kubectl(['patch', ...held, '-p', '{"metadata":{"finalizers":["test.dev/hold"]}}'])
    await trial.kubectl(['delete', 'namespace', 'whole-prod-a', '--wait=false'])
    const again = bringUp(connection, { estate, desired, allow: ['data-loss:b'], deadlineSeconds: 60 })
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await trial.kubectl(['patch', ...held, '-p', '{"metadata":{"finalizers":null}}'])
    expect(await again).toMatchObject({ ok: true })
    expect(names(await live(estate))).toEqual(names(desired))
    expect((await planned(estate, desired)).steps).toEqual([])
  })

  it('goes, but for its volumes and their namespaces', async () => {
    await trial.kubectl(['create', 'configmap', 'theirs', '-n', 'whole-prod-b'])
    const { removed, kept } = planDestroy(await live(estate), [])
    expect(await tearDown(connection, { estate, removed, kept })).toEqual({ ok: true, deleted: removed.length })
    expect(names(await live(estate))).toEqual(['Namespace///whole-prod-b', 'PersistentVolumeClaim//whole-prod-b/data'])
    expect((await parents(estate)).map(({ metadata }) => metadata.name)).toEqual(['whole-prod-b'])
    const rest = planDestroy(await live(estate), ['data-loss:b'])
    expect(await tearDown(connection, { estate, ...rest })).toMatchObject({ ok: true, deleted: 2 })
    expect([await live(estate), await parents(estate)]).toEqual([[], []])
  })
})

describe('what is not ours', () => {
  const shape = (): Shape => ({ image, value: '1' })

  it('a namespace that is there is refused, not taken over', async () => {
    const estate = estateOf('taken')
    await trial.kubectl(['create', 'namespace', namespaceIn(estate, 'a')])
    const desired = objectsOf(estate, { a: shape() })
    expect(await bringUp(connection, { estate, desired })).toMatchObject({
      ok: false,
      kind: 'refused',
      message: 'the namespace taken-prod-a is there already, and it is not ours',
    })
    expect(await live(estate)).toEqual([])
  })

  it('a volume of somebody else in a namespace of ours keeps that namespace', async () => {
    const estate = estateOf('guest')
    const desired = objectsOf(estate, { a: shape() })
    expect(await bringUp(connection, { estate, desired, deadlineSeconds: 60 })).toMatchObject({ ok: true })
    await trial.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'theirs', namespace: 'guest-prod-a' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Mi' } } },
    })
    expect(await bringUp(connection, { estate, desired: [] })).toMatchObject({
      ok: false,
      stopped: [{ grade: 'data-loss', subject: 'a' }],
    })
    const observed = await observe(connection, estate, { desired: [], allow: [] })
    const { kept } = planDestroy(observed.ok ? observed.live : [], [])
    expect(kept.map(({ metadata }) => metadata.name).toSorted()).toEqual(['guest-prod-a', 'theirs'])
    expect(await bringUp(connection, { estate, desired: [], allow: ['data-loss:a'] })).toMatchObject({ ok: true })
    expect(await live(estate)).toEqual([])
  })

  it('what a newer Homeslice wrote is neither changed nor destroyed', async () => {
    const estate = estateOf('newer')
    const desired = objectsOf(estate, { a: shape() })
    expect(await bringUp(connection, { estate, desired, deadlineSeconds: 60 })).toMatchObject({ ok: true })
    await trial.kubectl([
      'annotate',
      'configmap',
      '-n',
      systemNamespace,
      'newer-prod-a',
      '--overwrite',
      'applyset.kubernetes.io/tooling=homeslice/v2',
    ])
    const refusal = {
      ok: false,
      kind: 'refused',
      message: 'newer-prod-a was written by a newer Homeslice (format 2)',
      fix: 'update Homeslice',
    }
    expect(await bringUp(connection, { estate, desired: [] })).toEqual(refusal)
    expect(await tearDown(connection, { estate, removed: await live(estate), kept: [] })).toEqual(refusal)
    expect(names(await live(estate))).toEqual(names(desired))
  })

  it('another home is not touched', async () => {
    const [one, other] = [estateOf('one'), estateOf('other')]
    const ups = [one, other].map((estate) =>
      bringUp(connection, { estate, desired: objectsOf(estate, { a: shape() }), deadlineSeconds: 60 }),
    )
    expect(await Promise.all(ups)).toMatchObject([{ ok: true }, { ok: true }])
    const before = await live(other)
    expect(await bringUp(connection, { estate: one, desired: [] })).toMatchObject({ ok: true })
    expect(await live(one)).toEqual([])
    expect(names(await live(other))).toEqual(names(before))
    expect(await parents(other)).toHaveLength(1)
  })
})

describe('every kind and field that we render', () => {
  const golden = join(import.meta.dirname, '..', '..', 'render', 'golden')
  it.each(['everything.prod.yaml', 'example.prod.yaml'])('%s is, once applied, as it is desired', async (file) => {
    const desired = (loadAll(readFileSync(join(golden, file), 'utf8')) as KubeObject[]).map((object) =>
      memberOf(setNameOf(object), object),
    )
    const labels = desired[0]?.metadata.labels ?? {}
    const estate = { home: labels['homeslice.dev/home'] ?? '', env: labels['homeslice.dev/env'] ?? '' }
    // Its images are nowhere: what counts is what the server makes of the objects.
    const allow = ['exposure:web']
    expect(await bringUp(connection, { estate, desired, allow, deadlineSeconds: 1 })).toMatchObject({
      ok: true,
      created: desired.length,
    })
    expect((await planned(estate, desired)).steps.map(({ object, reason }) => [object, reason])).toEqual([])
    // Nor is the server asked about any of them: what it fills in is rendered.
    expect(names(suspectsOf({ desired, live: await live(estate) }))).toEqual([])
    const { removed, kept } = planDestroy(
      await live(estate),
      desired.map(({ metadata }) => `data-loss:${metadata.labels?.['homeslice.dev/service']}`),
    )
    expect(await tearDown(connection, { estate, removed, kept })).toMatchObject({ ok: true })
    expect(await live(estate)).toEqual([])
  })
})

describe('an abort', () => {
  it('ends it soon, and says what is done', async () => {
    const estate = estateOf('aborted')
    const abort = new AbortController()
    const desired = objectsOf(estate, { a: { image, secret: 1 }, b: { image } })
    const applied = await bringUp(await fresh(abort.signal), {
      estate,
      desired,
      signal: abort.signal,
      report: ({ detail }) => void (detail?.includes('applied ServiceAccount') === true && abort.abort()),
    })
    expect(applied).toMatchObject({ ok: true, interrupted: true, services: [] })
    const created = applied.ok ? applied.created : 0
    expect([created > 1, created < desired.length]).toEqual([true, true])
    expect(await bringUp(connection, { estate, desired, deadlineSeconds: 60 })).toMatchObject({ ok: true })
    expect(names(await live(estate))).toEqual(names(desired))
  })
})
