import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dump, load } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { connect, type Connection } from './connection.ts'
import { bringUp, estateOf, objectsOf, type Shape } from './estate.testing.ts'
import { followLogs } from './follow.ts'
import { readLogs } from './logs.ts'
import { observe } from './observe.ts'
import { statusOf } from './status.ts'

let trial: Trial
let connection: Connection
/** Of a program that speaks and ends. */
let speaker = ''

const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''
const shape = (container: object = {}, more: Partial<Shape> = {}): Shape => ({ image, container, ...more })

beforeAll(async () => {
  trial = await startTrial('ready')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
  speaker = await trial.kubectl([
    'get',
    'pods',
    '-n',
    'kube-system',
    '-l',
    'k8s-app=kube-dns',
    '-o',
    'jsonpath={.items[0].spec.containers[0].image}',
  ])
})
afterAll(() => trial?.remove())

describe('what cannot become ready', () => {
  const estate = estateOf('unready')
  const missing = { valueFrom: { secretKeyRef: { name: 'db-password', key: 'value' } } }
  const cases: [string, () => Shape, RegExp][] = [
    ['image', () => ({ image: 'registry.test/none:1' }), /^ImagePull: no such image registry\.test\/none:1\b/u],
    [
      'probe',
      () => shape({ readinessProbe: { httpGet: { path: '/readyz', port: 8000 }, periodSeconds: 1 } }),
      /^Probe: readiness: .*connection refused/u,
    ],
    [
      'crash',
      () => ({ image: speaker, container: { args: ['-conf', '/nope'] } }),
      /^Crash: ended with 1.*; it said: ./u,
    ],
    ['start', () => shape({ command: ['/nope'] }), /^(Start: .*\/nope|Crash: ended with 128)/u],
    [
      'large',
      () => shape({ resources: { requests: { memory: '4Ti' } } }),
      /^Schedule: no node has room for it: .*Insufficient memory/u,
    ],
    ['volume', () => shape({}, { volume: '8Mi', storageClass: 'nowhere' }), /^Volume: .*/u],
    ['quota', () => shape({}, { quota: { pods: '0' } }), /^Quota: exceeded quota: quota/u],
    ['secret', () => shape({ env: [{ name: 'PASSWORD', ...missing }] }), /^Secret: db-password is missing$/u],
  ]

  it('ends within its deadline with the reason, and holds up nobody else', async () => {
    const services = Object.fromEntries(cases.map(([name, one]) => [name, one()]))
    const desired = objectsOf(estate, { ...services, good: shape() })
    const events: string[] = []
    const begun = performance.now()
    const applied = await bringUp(connection, {
      estate,
      desired,
      deadlineSeconds: 12,
      report: ({ task, state, detail }) => void events.push(`${task} ${state} ${detail}`),
    })
    expect(performance.now() - begun).toBeLessThan(30_000)
    const reasons = Object.fromEntries(applied.ok ? applied.services.map(({ name, reason }) => [name, reason]) : [])
    for (const [name, , reason] of cases) expect([name, reasons[name]]).toEqual([name, expect.stringMatching(reason)])
    expect([reasons.good, events]).toEqual([undefined, expect.arrayContaining(['good done ready'])])
    expect(events.filter((event) => /^\w+ failed /u.test(event))).toHaveLength(cases.length)
  })

  it('is told by status too', async () => {
    const workloads = ['good', 'image', 'gone'].map((name) => ({ name, namespace: `unready-prod-${name}` }))
    const status = await statusOf(connection, estate, workloads)
    expect(status.ok && status.services).toEqual([
      { name: 'good', ready: true, image, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u) },
      expect.objectContaining({ name: 'image', ready: false, reason: expect.stringContaining('ImagePull') }),
      { name: 'gone', ready: false, reason: 'it is not there', image: '', since: '' },
    ])
  })
})

describe('a new version that cannot become ready', () => {
  const estate = estateOf('next')

  it('leaves the old one serving, or gives way to it where there is data', async () => {
    const good = objectsOf(estate, { web: shape(), notes: shape({}, { volume: '8Mi' }) })
    expect(await bringUp(connection, { estate, desired: good, deadlineSeconds: 60 })).toMatchObject({ ok: true })
    const none = 'registry.test/none:1'
    const bad = objectsOf(estate, { web: { image: none }, notes: { image: none, volume: '8Mi' } })
    const applied = await bringUp(connection, { estate, desired: bad, deadlineSeconds: 5 })
    expect(applied.ok && applied.services.map(({ ready }) => ready)).toEqual([false, false])
    for (const name of ['web', 'notes']) {
      await expect
        .poll(
          () =>
            trial.kubectl([
              'get',
              'deploy',
              name,
              '-n',
              `next-prod-${name}`,
              '-o',
              'jsonpath={.status.availableReplicas}',
            ]),
          { timeout: 30_000 },
        )
        .toBe('1')
    }
    expect(await bringUp(connection, { estate, desired: good, deadlineSeconds: 60 })).toMatchObject({
      ok: true,
      services: [{ ready: true }, { ready: true }],
    })
    const observed = await observe(connection, estate, { desired: good, allow: [] })
    expect(observed.ok && observed.plan.steps).toEqual([])
  })
})

describe('a service on a schedule', () => {
  const estate = estateOf('timed')
  const services = (container: object): Record<string, Shape> => ({
    nightly: { image: speaker, container, schedule: '0 4 1 1 *' },
  })
  const runNow = (name: string): Promise<string> =>
    trial.kubectl(['create', 'job', name, '--from=cronjob/nightly', '-n', 'timed-prod-nightly'])
  const up = (container: object) =>
    bringUp(connection, { estate, desired: objectsOf(estate, services(container)), deadlineSeconds: 60 })

  it('is ready unless its last finished run failed', async () => {
    const bad = { command: ['/nope'] }
    expect(await up(bad)).toMatchObject({ ok: true, services: [{ ready: true }] })
    await sleep(1100) // times have whole seconds
    await runNow('first')
    await trial.kubectl(['wait', 'job/first', '-n', 'timed-prod-nightly', '--for=condition=Failed', '--timeout=60s'])
    const begun = performance.now()
    expect(await up(bad)).toMatchObject({
      ok: true,
      services: [{ ready: false, reason: expect.stringMatching(/^Job: its run of .* failed: /u) }],
    })
    expect(performance.now() - begun).toBeLessThan(5000)
    // Changed since: the next run decides.
    await sleep(1100)
    expect(await up({ args: ['-version'] })).toMatchObject({ ok: true, services: [{ ready: true }] })
    await runNow('second')
    await trial.kubectl(['wait', 'job/second', '-n', 'timed-prod-nightly', '--for=condition=Complete', '--timeout=60s'])
    expect(await up({ args: ['-version'] })).toMatchObject({ ok: true, services: [{ ready: true }] })
  })
})

describe('logs', () => {
  it('are read, of what ran before too, and followed over restarts', async () => {
    const namespace = 'unready-prod-crash'
    const lines: string[] = []
    const onLine = (line: string): void => void lines.push(line)
    const previous = await readLogs(connection, { namespace, tail: 5, previous: true, onLine })
    expect([previous.ok, lines.filter((line) => line.startsWith('unable'))]).toEqual([true, []])
    const last = await readLogs(connection, { namespace, tail: 5, previous: false, onLine })
    expect([last.ok, lines.join()]).toEqual([true, expect.stringContaining('nope')])
    const quiet = await readLogs(connection, { namespace: 'unready-prod-good', tail: 5, previous: false, onLine })
    expect(quiet).toMatchObject({ ok: true, pods: [expect.stringMatching(/^good-/u)] })
    const unstarted = await readLogs(connection, { namespace: 'unready-prod-image', tail: 5, previous: false, onLine })
    expect(unstarted).toMatchObject({ ok: false, message: expect.stringContaining('the log of image-') })

    const abort = new AbortController()
    const followed: string[] = []
    const following = followLogs(connection, {
      namespace: 'next-prod-fresh',
      tail: 0,
      previous: false,
      signal: abort.signal,
      pause: (milliseconds) => sleep(milliseconds),
      onLine: (line, pod) => void followed.push(`${pod.replace(/-.*/u, '')} ${line}`),
    })
    await sleep(700)
    const estate = estateOf('next')
    const desired = objectsOf(estate, { fresh: { image: speaker, container: { args: ['-version'] } } })
    await bringUp(connection, { estate, desired, allow: ['data-loss:notes'], deadlineSeconds: 3 })
    await expect.poll(() => followed.length, { timeout: 20_000 }).toBeGreaterThan(0)
    abort.abort()
    expect(await following).toEqual({ ok: true })
    expect(followed[0]).toMatch(/^fresh CoreDNS/u)
  })
})

describe('a connection', () => {
  type Config = { clusters: { cluster: Record<string, string> }[]; users: { user: Record<string, string> }[] }
  const spoilt = (name: string, spoil: (config: Config) => void): string => {
    const config = load(readFileSync(kubeconfigPath(trial), 'utf8')) as Config
    spoil(config)
    const path = join(trial.folders.state, name)
    writeFileSync(path, dump(config))
    return path
  }

  it('does not speak to a server whose certificate it does not trust', async () => {
    const kubeconfig = spoilt('stranger', ({ clusters: [first] }) => {
      if (first) delete first.cluster['certificate-authority-data']
      if (first) delete first.cluster['certificate-authority']
    })
    expect(await connect({ kubeconfig })).toMatchObject({
      ok: false,
      kind: 'unreachable',
      message: expect.stringContaining('shows a certificate that the kubeconfig does not trust'),
    })
  })

  it('says who is not known, and who may not', async () => {
    const unknown = spoilt('unknown', ({ users: [first] }) => {
      if (first) first.user = { token: 'nobody' }
    })
    expect(await connect({ kubeconfig: unknown })).toMatchObject({
      ok: false,
      message: expect.stringContaining('does not know who you are'),
    })
    const token = (await trial.kubectl(['create', 'token', 'good', '-n', 'unready-prod-good'])).trim()
    const weak = spoilt('weak', ({ users: [first] }) => {
      if (first) first.user = { token }
    })
    const connected = await connect({ kubeconfig: weak })
    expect(
      connected.ok && (await observe(connected.connection, estateOf('x'), { desired: [], allow: [] })),
    ).toMatchObject({ ok: false, kind: 'failed', message: expect.stringMatching(/^you may not list /u) })
  })
})
