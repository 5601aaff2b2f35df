import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Connection, destroyEnvironment, observe, planDestroy, asWriter } from '@homeslice/cluster'
import type { KubeObject } from '@homeslice/render'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { bringUp, canaryOf, estateOf, goBack, rendered, type TestHome } from './home.testing.ts'
import { newestFirst, ofService } from './keep.ts'
import type { Orders } from './killed.testing.ts'
import { lookAhead, readHistory } from './outlook.ts'
import type { Release } from './release.ts'

let trial: Trial
let connection: Connection
const folder = mkdtempSync(join(tmpdir(), 'homeslice-release-'))

/** Of a program that only waits; every sandbox has it. */
const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''

beforeAll(async () => {
  trial = await startTrial('release')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await trial?.remove()
})

/** A service that is ready as soon as it is there. */
const job = (name: string, number: number): TestHome => ({
  name,
  secrets: { token: number },
  services: `  job: { image: "${image}", schedule: "0 4 * * *", env: { NUMBER: "${number}", TOKEN: { secret: token } }, files: { /etc/job/text: "text ${number}" } }\n`,
})
/** A service whose pod waits; `spec` are more of its keys. */
const pod = (name: string, value: string, spec = ''): TestHome => ({
  name,
  services: `  pod: { image: "${image}", env: { VALUE: "${value}" }${spec} }\n`,
})
const broken = (home: TestHome): TestHome => ({
  ...home,
  services: home.services.replace(image, 'registry.test/none:1'),
})

const history = async (home: TestHome, service: string): Promise<Release[]> => {
  const read = await readHistory(connection, estateOf(home))
  if (!read.ok) throw new Error(read.message)
  return newestFirst(ofService(read.history, service))
}
const verdicts = async (home: TestHome, service: string): Promise<string[]> =>
  (await history(home, service)).map(({ number, verdict }) => `${number} ${verdict}`)
const listed = async (kind: string, namespace: string, more: readonly string[] = []): Promise<KubeObject[]> => {
  const text = await trial.kubectl(['get', kind, '-n', namespace, '-o', 'json', ...more])
  return (JSON.parse(text) as { items: KubeObject[] }).items
}
const names = async (kind: string, namespace: string, more: readonly string[] = []): Promise<string[]> =>
  (await listed(kind, namespace, more)).map(({ metadata }) => metadata.name).toSorted()
const records = (home: TestHome): Promise<string[]> =>
  names('secrets', 'homeslice-system', ['-l', `homeslice.dev/record-home=${home.name}`])
const steps = async (home: TestHome) => {
  const { sets } = rendered(home)
  const outlook = await lookAhead(connection, { estate: estateOf(home), sets, allow: [] })
  if (!outlook.ok) throw new Error(outlook.message)
  return outlook.plan.steps.map(({ action, object }) => `${action} ${object.kind} ${object.name}`)
}
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)
const sorted = (all: readonly string[]): string[] => all.toSorted()

describe('25 versions of a service', () => {
  const namespace = 'many-prod-job'
  const read = async () => JSON.stringify(await listed('cronjobs', namespace))

  it('leave 20 records, each readable with kubectl, and exactly what they name', async () => {
    for (const number of numbers(1, 25)) {
      expect(await bringUp(connection, job('many', number))).toMatchObject({ ok: true, recorded: [{ number }] })
    }
    expect(await records(job('many', 25))).toEqual(sorted(numbers(6, 25).map((number) => `many-prod-job-r${number}`)))
    expect(await names('secrets', namespace)).toEqual(sorted(numbers(6, 25).map((number) => `token-v${number}`)))
    const texts = (await listed('configmaps', namespace)).map(({ data }) => Object.values(data as object).join())
    expect(sorted(texts.filter((text) => text.startsWith('text')))).toEqual(
      sorted(numbers(6, 25).map((number) => `text ${number}`)),
    )
    const record = (await listed('secrets', 'homeslice-system', ['-l', 'homeslice.dev/record-home=many'])).find(
      ({ metadata }) => metadata.name.endsWith('-r7'),
    )
    expect(record).toMatchObject({
      metadata: {
        annotations: {
          'homeslice.dev/number': '7',
          'homeslice.dev/verdict': 'ready',
          'homeslice.dev/format': 'homeslice/v1',
          'homeslice.dev/time': expect.stringMatching(/^\d{4}-\d\d-\d\dT/u) as string,
          'homeslice.dev/who': expect.stringContaining('@') as string,
          'homeslice.dev/version': expect.stringMatching(/^[0-9a-f]{12}$/u) as string,
          'homeslice.dev/images': image,
        },
      },
    })
  })

  it('are no change to the newest one', async () => {
    expect(await steps(job('many', 25))).toEqual([])
    expect(await bringUp(connection, job('many', 25))).toMatchObject({
      ok: true,
      recorded: [],
      applied: { created: 0, updated: 0, deleted: 0 },
    })
  })

  it('go back to the oldest one that is kept, and on to the newest again', async () => {
    const estate = estateOf(job('many', 1))
    expect(await goBack(connection, { estate, service: 'job', to: 5 })).toMatchObject({
      ok: false,
      message: 'version 5 of job is not kept',
    })
    expect(await goBack(connection, { estate, service: 'job', to: 6 })).toMatchObject({
      ok: true,
      recorded: [{ number: 26, rolledBackTo: 6 }],
      applied: { services: [{ name: 'job', ready: true }] },
    })
    expect(await read()).toMatch(/"NUMBER","value":"6"/u)
    expect(await read()).toMatch(/"name":"token-v6"/u)
    expect(await names('secrets', namespace)).toContain('token-v6')
    expect(await steps(job('many', 6))).toEqual([])
    expect(await records(job('many', 6))).toHaveLength(20)
    expect(await bringUp(connection, job('many', 25))).toMatchObject({ ok: true, recorded: [{ number: 27 }] })
    expect(await read()).toMatch(/"NUMBER","value":"25"/u)
  })

  it('hold no value of a secret', async () => {
    const { gunzipSync } = await import('node:zlib')
    const all = await listed('secrets', 'homeslice-system', ['-l', 'homeslice.dev/record-home=many'])
    const texts = all.map(({ data }) =>
      gunzipSync(Buffer.from((data as Record<string, string>)['objects.json.gz'] ?? '', 'base64')).toString(),
    )
    expect(texts.every((text) => text.includes('"token-v'))).toBe(true)
    const held = await listed('secrets', namespace)
    const value = canaryOf('token-v25')
    expect(held.map(({ data }) => Buffer.from((data as { value: string }).value, 'base64').toString())).toContain(value)
    const everything = [...texts, JSON.stringify(all)].join()
    expect([
      everything.includes('canary-of-'),
      everything.includes(Buffer.from('canary-of-').toString('base64').slice(0, 12)),
    ]).toEqual([false, false])
  })

  it('say before the first write that a Secret is gone', async () => {
    await trial.kubectl(['delete', 'secret', '-n', namespace, 'token-v20'])
    const before = await records(job('many', 25))
    expect(await goBack(connection, { estate: estateOf(job('many', 1)), service: 'job', to: 20 })).toMatchObject({
      ok: false,
      message: 'version 20 of job reads the Secret many-prod-job/token-v20, which is gone; nothing was changed',
    })
    expect(await records(job('many', 25))).toEqual(before)
  })

  it('go with the service, and with the environment', async () => {
    const other = { ...job('many', 25), services: job('many', 25).services.replaceAll('job', 'task') }
    const both = { ...other, services: job('many', 25).services + other.services }
    expect(await bringUp(connection, both)).toMatchObject({ ok: true })
    expect(await records(both)).toHaveLength(21)
    expect(await bringUp(connection, other)).toMatchObject({ ok: true })
    expect(await records(both)).toEqual(['many-prod-task-r1'])
    const estate = estateOf(other)
    const observed = await observe(connection, estate, { desired: [], allow: [] })
    const destroyed = await asWriter(connection, { estate, report: () => undefined }, (writer) =>
      destroyEnvironment(
        { connection, writer, report: () => undefined, secretData: async () => undefined },
        { estate, ...planDestroy(observed.ok ? observed.live : [], []) },
      ),
    )
    expect(destroyed).toMatchObject({ ok: true })
    expect(await records(both)).toEqual([])
  })
})

const killAfter = (home: TestHome, after: string): Promise<NodeJS.Signals | null> => {
  const file = join(folder, 'orders.json')
  const orders: Orders = { kubeconfig: kubeconfigPath(trial), home, after }
  writeFileSync(file, JSON.stringify(orders))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.testing.ts'), file], { stdio: 'ignore' })
  return new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))
}

describe('a run that was killed', () => {
  it.each([
    ['once it wrote the record', 'record', '/secrets'],
    ['once it changed the workload', 'workload', '/cronjobs/job'],
  ])('%s leaves it pending, and the next one settles it', async (_, name, after) => {
    expect(await bringUp(connection, job(name, 1))).toMatchObject({ ok: true })
    expect(await killAfter(job(name, 2), after)).toBe('SIGKILL')
    expect(await verdicts(job(name, 1), 'job')).toEqual(['2 pending', '1 ready'])
    expect(await bringUp(connection, job(name, 2))).toMatchObject({ ok: true, recorded: [] })
    expect(await verdicts(job(name, 1), 'job')).toEqual(['2 ready', '1 ready'])
    expect(await steps(job(name, 2))).toEqual([])
  })

  it('is settled too where another version is wanted by then', async () => {
    const home = (number: number): TestHome => job('moved', number)
    expect(await bringUp(connection, home(1))).toMatchObject({ ok: true })
    expect(await killAfter(home(2), '/cronjobs/job')).toBe('SIGKILL')
    expect(await bringUp(connection, home(1))).toMatchObject({ ok: true, recorded: [{ number: 3 }] })
    expect(await verdicts(home(1), 'job')).toEqual([
      '3 ready',
      '2 failed: another version came before it was ready',
      '1 ready',
    ])
    expect(await steps(home(1))).toEqual([])
  })

  it('is no bar to a rollback', async () => {
    const home = (number: number): TestHome => job('undone', number)
    expect(await bringUp(connection, home(1))).toMatchObject({ ok: true })
    expect(await killAfter(home(2), '/cronjobs/job')).toBe('SIGKILL')
    expect(await goBack(connection, { estate: estateOf(home(1)), service: 'job' })).toMatchObject({
      ok: true,
      recorded: [{ number: 3, rolledBackTo: 1 }],
    })
    expect(await steps(home(1))).toEqual([])
  })
})

describe('a version that failed', () => {
  it('says why, is never where a rollback goes by itself, and is settled once it becomes ready', async () => {
    const home = (value: string): TestHome => pod('fails', value)
    expect(await bringUp(connection, home('1'))).toMatchObject({ ok: true })
    expect(await bringUp(connection, broken(home('2')), { deadlineSeconds: 4 })).toMatchObject({ ok: true })
    expect(await verdicts(home('1'), 'pod')).toEqual([
      expect.stringMatching(/^2 failed: ImagePull: no such image registry\.test\/none:1/u),
      '1 ready',
    ])
    expect(await bringUp(connection, home('3'))).toMatchObject({ ok: true })
    expect(await goBack(connection, { estate: estateOf(home('1')), service: 'pod' })).toMatchObject({
      ok: true,
      recorded: [{ number: 4, rolledBackTo: 1 }],
    })
    expect(await steps(home('1'))).toEqual([])
  })

  it('gives way to the one before where there is data, which a rollback never deletes', async () => {
    const data = ', data: { /data: 16Mi }'
    const home = (value: string): TestHome => pod('data', value, data)
    const estate = estateOf(home(''))
    expect(await bringUp(connection, pod('data', '0'))).toMatchObject({ ok: true })
    expect(await bringUp(connection, home('1'))).toMatchObject({ ok: true })
    expect(await bringUp(connection, broken(home('2')), { deadlineSeconds: 4 })).toMatchObject({ ok: true })
    const [failed, before] = await history(home(''), 'pod')
    expect([failed?.wentBack, before?.wentBack]).toEqual([true, false])
    expect(await goBack(connection, { estate, service: 'pod', to: 1 })).toEqual({
      ok: false,
      stopped: [{ grade: 'data-loss', subject: 'pod', allow: 'data-loss:pod' }],
    })
    expect(await goBack(connection, { estate, service: 'pod', to: 1 }, { allow: ['data-loss:pod'] })).toMatchObject({
      ok: true,
      recorded: [{ number: 4 }],
    })
    expect(await names('persistentvolumeclaims', 'data-prod-pod')).toEqual([])
  })
})

describe('how long a service took to start', () => {
  it('is told the next time that it has to stop', async () => {
    const home = (value: string): TestHome => pod('start', value, ', data: { /data: 16Mi }')
    expect(await bringUp(connection, home('1'))).toMatchObject({ ok: true })
    const [first] = await history(home('1'), 'pod')
    expect(first?.startSeconds).toBeLessThan(60)
    const outlook = await lookAhead(connection, {
      estate: estateOf(home('2')),
      sets: rendered(home('2')).sets,
      allow: [],
    })
    const words = outlook.ok ? outlook.plan.steps.flatMap(({ dangers }) => dangers.map((danger) => danger.words)) : []
    expect(words).toContainEqual(expect.stringContaining(`about ${first?.startSeconds} s to start again`))
  })
})

describe('other services', () => {
  it('stay as they are while one goes back', async () => {
    const home = (value: string): TestHome => {
      const { services } = job('pair', Number(value))
      return { name: 'pair', secrets: { token: 1 }, services: services + services.replaceAll('job', 'task') }
    }
    expect(await bringUp(connection, home('1'))).toMatchObject({ ok: true })
    expect(await bringUp(connection, home('2'))).toMatchObject({ ok: true })
    const parents = async (): Promise<object[]> =>
      (await listed('configmaps', 'homeslice-system', ['-l', 'homeslice.dev/parent-home=pair'])).map(
        ({ metadata }) => ({
          name: metadata.name,
          kinds: metadata.annotations?.['applyset.kubernetes.io/contains-group-kinds'],
        }),
      )
    const before = [await parents(), await listed('cronjobs', 'pair-prod-task')]
    expect(await goBack(connection, { estate: estateOf(home('1')), service: 'job' })).toMatchObject({ ok: true })
    expect([await parents(), await listed('cronjobs', 'pair-prod-task')]).toEqual(before)
    expect(await verdicts(home('1'), 'task')).toEqual(['2 ready', '1 ready'])
    expect(await steps(home('2'))).not.toEqual([])
  })
})

describe('a record', () => {
  it('that a newer Homeslice wrote stops whatever would go by it', async () => {
    const home = job('newer', 1)
    const estate = estateOf(home)
    expect(await bringUp(connection, home)).toMatchObject({ ok: true })
    const record = ['secret', '-n', 'homeslice-system', 'newer-prod-job-r1', '--overwrite']
    await trial.kubectl(['annotate', ...record, 'homeslice.dev/format=homeslice/v2'])
    const refusal = {
      ok: false,
      kind: 'refused',
      message: 'newer-prod-job-r1 was written by a newer Homeslice (format 2)',
      fix: 'update Homeslice',
    }
    expect(await bringUp(connection, job('newer', 2))).toEqual(refusal)
    expect(await goBack(connection, { estate, service: 'job' })).toEqual(refusal)
    expect(await readHistory(connection, estate)).toEqual(refusal)
    expect(await records(home)).toEqual(['newer-prod-job-r1'])
  })

  it('cannot be changed in what it holds', async () => {
    await expect(
      trial.kubectl(['patch', 'secret', '-n', 'homeslice-system', 'newer-prod-job-r1', '-p', '{"data":{"a":"YQ=="}}']),
    ).rejects.toThrow(/immutable/u)
  })

  it('is written once, also where the answer was lost and the call made again', async () => {
    const twice: Connection = {
      ...connection,
      call: async (call) => {
        const answer = await connection.call(call)
        return call.method === 'POST' && call.path.includes('/secrets') ? connection.call(call) : answer
      },
    }
    expect(await bringUp(twice, job('twice', 1))).toMatchObject({ ok: true, recorded: [{ number: 1 }] })
    expect(await verdicts(job('twice', 1), 'job')).toEqual(['1 ready'])
  })

  it('takes nobody’s place', async () => {
    expect(await bringUp(connection, job('theirs', 1))).toMatchObject({ ok: true })
    await trial.kubectl(['create', 'secret', 'generic', '-n', 'homeslice-system', 'theirs-prod-job-r2'])
    expect(await bringUp(connection, job('theirs', 2))).toMatchObject({
      ok: false,
      message: 'the record theirs-prod-job-r2 is there already',
    })
    expect(await verdicts(job('theirs', 1), 'job')).toEqual(['1 ready'])
  })

  it('that would be too large is written without its objects, and the service comes up', async () => {
    const home = (number: number): TestHome => ({
      name: 'large',
      services: `  job: { image: "${image}", schedule: "0 4 * * *", env: { NUMBER: "${number}", MUCH: "${randomBytes(1_060_000).toString('base64')}" } }\n`,
    })
    expect(await bringUp(connection, home(1))).toMatchObject({
      ok: true,
      notes: ['version 1 of job is too large to be kept: nobody can go back to it'],
    })
    expect(await bringUp(connection, job('large', 2))).toMatchObject({ ok: true, notes: [] })
    expect(await goBack(connection, { estate: estateOf(home(1)), service: 'job', to: 1 })).toMatchObject({
      ok: false,
      message: 'version 1 of job was too large to be kept',
    })
  })
})
