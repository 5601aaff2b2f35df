import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '@homeslice/render'
import { kubeconfigPath, start, stop } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { debianPackage } from '@homeslice/testing'
import { labelsOfEstate } from './applyset.ts'
import { connect, type Connection } from './connection.ts'
import { put, remove } from './effects.ts'
import { bringUp, estateOf, objectsOf, type Shape } from './estate.testing.ts'
import type { Orders } from './killed.testing.ts'
import { readLease } from './lease.ts'
import type { Turn } from './mark.ts'
import { getObject, listAll } from './objects.ts'
import { asWriter, turnNow } from './writer.ts'

const races = process.env.HOMESLICE_SOAK === '1' ? 1000 : 60
const folder = mkdtempSync(join(tmpdir(), 'homeslice-fence-'))
let trial: Trial
let connection: Connection

const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''
const services = (value: string): Record<string, Shape> => ({ web: { image, value } })

beforeAll(async () => {
  trial = await startTrial('fence')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await trial?.remove()
})

type Child = { readonly pid: number; readonly ended: Promise<{ code: number | null; err: string }> }

/** The write, counted from 0, of the first object of a service: the ground is laid by then, and the lease is held. */
const firstObject = 6

/** What a process is started with: words for Node, and its environment. */
type Circumstances = { readonly words?: readonly string[]; readonly env?: Readonly<Record<string, string>> }

/** `up` as a process of its own that ends or stands still at that write. */
const child = (home: string, how: 'kill' | 'pause', { words = [], env = {} }: Circumstances = {}): Child => {
  const orders: Orders = {
    kubeconfig: kubeconfigPath(trial),
    home,
    services: services('1'),
    ...(how === 'kill' ? { kill: { write: firstObject, when: 'before' } } : { pause: firstObject }),
  }
  const file = join(folder, `${home}.json`)
  writeFileSync(file, JSON.stringify(orders))
  const running = spawn(process.execPath, [...words, join(import.meta.dirname, 'killed.testing.ts'), file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let err = ''
  running.stderr?.on('data', (chunk) => (err += String(chunk)))
  const ended = new Promise<{ code: number | null; err: string }>((resolve) =>
    running.on('close', (code) => resolve({ code, err })),
  )
  return { pid: running.pid ?? 0, ended }
}

const stands = async ({ pid }: Child): Promise<void> => {
  await expect
    .poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) (.).*$/su, '$1'), { timeout: 60_000 })
    .toBe('T')
}

/** The values of the one ConfigMap and of the one Deployment of a home. */
const valuesOf = async (home: string): Promise<unknown[]> => {
  const listed = await listAll(connection, labelsOfEstate(estateOf(home)))
  if (!listed.ok) throw new Error(listed.message)
  const of = (kind: string): KubeObject[] => listed.objects.filter((object) => object.kind === kind)
  const value = (object: KubeObject): unknown => /"VALUE","value":"([^"]+)"/u.exec(JSON.stringify(object.spec))?.[1]
  return [...of('ConfigMap').map(({ data }) => (data as { value: string }).value), ...of('Deployment').map(value)]
}

const inThisProcess = (home: string, value: string, report?: (detail?: string) => void) => {
  const estate = estateOf(home)
  const bringing = { estate, desired: objectsOf(estate, services(value)), deadlineSeconds: 60 }
  return bringUp(connection, report ? { ...bringing, report: ({ detail }) => report(detail) } : bringing)
}

describe('two at once', () => {
  it('write one after the other, and the second says for whom it waits', async () => {
    const said: string[] = []
    const first = inThisProcess('both', '1')
    await expect
      .poll(async () => readLease(connection, 'both-prod'), { interval: 5, timeout: 20_000 })
      .toMatchObject({ holder: expect.stringMatching(/./u) as string })
    const second = inThisProcess('both', '2', (detail = '') => said.push(detail))
    expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }])
    expect(await valuesOf('both')).toEqual(['2', '2'])
    expect(said.find((words) => words.startsWith('waiting for'))).toMatch(
      /^waiting for .+@.+ pid \d+, which is at work$/u,
    )
  })

  it('know whether another wrote since they looked', async () => {
    const estate = estateOf('turns')
    const turn = async (): Promise<Turn> => {
      const now = await turnNow(connection, estate)
      if (!now.ok) throw new Error(now.message)
      return now
    }
    const isNextAfter = (before: Turn): Promise<unknown> =>
      asWriter(connection, { estate, report: () => undefined }, async (writer) => writer.isNextAfter(before))
    const looked = await turn()
    expect(await isNextAfter(looked)).toBe(true)
    expect(await isNextAfter(looked)).toBe(false)
    expect(await isNextAfter(await turn())).toBe(true)
    const during = await asWriter(connection, { estate, report: () => undefined }, turn)
    expect(await isNextAfter(during as Turn)).toBe(false)
  })

  it('do not wait for one that was killed on this machine', async () => {
    const killed = child('dead', 'kill')
    await killed.ended
    const before = await readLease(connection, 'dead-prod')
    expect(before.ok && before.holder).toContain(` pid ${killed.pid} `)
    const begun = performance.now()
    expect(await inThisProcess('dead', '2')).toMatchObject({ ok: true })
    expect(performance.now() - begun).toBeLessThan(15_000)
    expect(await valuesOf('dead')).toEqual(['2', '2'])
  })
})

// An hour wrong is what a machine with an empty battery has until it finds the time.
const hour = 3_600_000
const wrongClock = (by: number): Circumstances => ({
  words: [
    '--import',
    `data:text/javascript,${encodeURIComponent(`const now = Date.now; const Real = Date;
globalThis.Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(now() + ${by}) } static now() { return now() + ${by} } }`)}`,
  ],
})

/** The whole process is wrong by an hour, and all that it is linked with. */
const fakedTime = async (): Promise<Circumstances> => {
  const library = (await debianPackage('libfaketime')).find((path) => path.endsWith('/libfaketime.so.1'))
  return { env: { LD_PRELOAD: library ?? '', FAKETIME: '+1h', FAKETIME_DONT_FAKE_MONOTONIC: '1' } }
}

describe('one that was paused past its lease', () => {
  it.each<readonly [string, () => Circumstances | Promise<Circumstances>]>([
    ['paused', () => ({})],
    ['early', () => wrongClock(-hour)],
    ['late', () => wrongClock(hour)],
    ['faked', fakedTime],
  ])('is refused by the server when it goes on, whatever its clock says: %s', async (home, circumstances) => {
    const paused = child(home, 'pause', await circumstances())
    await stands(paused)
    try {
      expect(await inThisProcess(home, '2')).toMatchObject({ ok: true, services: [{ ready: true }] })
    } finally {
      process.kill(paused.pid, 'SIGCONT')
    }
    const { code, err } = await paused.ended
    expect([code, err]).toEqual([1, expect.stringMatching(/"kind":"refused".*took over/u)])
    expect(await valuesOf(home)).toEqual(['2', '2'])
    expect(await inThisProcess(home, '2')).toMatchObject({ ok: true, created: 0, updated: 0, deleted: 0 })
  })
})

describe('what writes without a lease', () => {
  it('is refused under our name, and let through under any other', async () => {
    await inThisProcess('bare', '1')
    const map = ['configmap', 'web', '-n', 'bare-prod-web', '--overwrite']
    await trial.kubectl(['annotate', ...map, 'by=hand'])
    await expect(trial.kubectl(['annotate', ...map, 'by=us', '--field-manager=homeslice'])).resolves.toBeDefined()
    await expect(
      trial.kubectl(['annotate', ...map, 'homeslice.dev/writer=bare-prod/0', '--field-manager=homeslice']),
    ).rejects.toThrow(/written late: bare-prod\/1 is the writer now/u)
    await expect(
      trial.kubectl(['annotate', ...map, 'homeslice.dev/writer-', '--field-manager=homeslice']),
    ).rejects.toThrow(/an older Homeslice wrote this/u)
  })
})

/** A connection that stands still from its next write of a ConfigMap on, as a process does that is paused right then. */
const pausable = () => {
  let armed = false
  let held: Promise<void> | undefined
  let release: () => void = () => undefined
  let stopped: () => void = () => undefined
  const standing = new Promise<void>((resolve) => (stopped = resolve))
  return {
    connection: {
      ...connection,
      call: async (call) => {
        if (armed && call.method !== 'GET' && call.path.includes('/configmaps/')) {
          armed = false
          held = new Promise((resolve) => (release = resolve))
          stopped()
        }
        if (held !== undefined) await held
        return connection.call(call)
      },
    } satisfies Connection,
    arm: () => void (armed = true),
    standing,
    goOn: () => {
      held = undefined
      release()
    },
  }
}

const race = async (number: number): Promise<{ late: 'refused' | 'early' | 'lost'; right: boolean }> => {
  const estate = estateOf(`race${number}`)
  const object = (value: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `race-${number}`,
      namespace: 'default',
      labels: {
        'app.kubernetes.io/managed-by': 'homeslice',
        'homeslice.dev/home': estate.home,
        'homeslice.dev/env': estate.env,
      },
    },
    data: { value },
  })
  const report = (): void => undefined
  const secretData = async () => undefined
  const slow = pausable()
  const seconds = 0.4
  const late = asWriter(
    slow.connection,
    { estate, report, seconds, holder: `late@elsewhere pid ${number}` },
    async (writer) => {
      const hands = { connection: slow.connection, writer, report, secretData }
      const first = await put(hands, object('first'), { force: false })
      const seen = await getObject(connection, object('first'))
      slow.arm()
      if (!first.ok || !seen.ok) throw new Error(JSON.stringify([first, seen]))
      return number % 2 === 0 ? put(hands, object('late'), { force: true }) : remove(hands, seen.object)
    },
  )
  await slow.standing
  const next = asWriter(
    connection,
    { estate, report, seconds, holder: `next@elsewhere pid ${number}` },
    async (writer) => {
      // The late one wakes up somewhere around the moment at which the next one writes.
      setTimeout(slow.goOn, Math.random() * 40)
      await sleep(Math.random() * 20)
      return put({ connection, writer, report, secretData }, object('next'), { force: true })
    },
  )
  const [ended, after] = await Promise.all([late, next])
  const now = await getObject(connection, object(''))
  const right = after.ok && now.ok && (now.object.data as { value: string }).value === 'next'
  // The server asks the fence about each lease that there is: a thousand of them are no house's.
  await trial.kubectl(['delete', 'lease', `race${number}-prod`, '-n', 'homeslice-system'])
  return { late: ended.ok ? 'lost' : ended.kind === 'refused' ? 'refused' : 'early', right }
}

describe(`${races} races between a late writer and the next one`, () => {
  it('are all won by the next one', async () => {
    const results: Awaited<ReturnType<typeof race>>[] = []
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < races) results.push(await race(next++))
    }
    await Promise.all(Array.from({ length: 6 }, lane))
    const count = (late: string): number => results.filter((result) => result.late === late).length
    process.stdout.write(`fence: ${races} races, ${count('refused')} late writers refused\n`)
    expect(results.filter(({ right }) => !right)).toEqual([])
    expect(count('refused')).toBe(races)
  }, 3_600_000)
})

/** It stays so until the server is restarted, so nothing comes after it. */
describe('a fence that was deleted by hand', () => {
  const remove = ['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', 'homeslice-writer']

  it('and made anew is a sentence: the server goes by an old copy of the lease, until it is restarted', async () => {
    for (const value of ['1', '2']) expect(await inThisProcess('open', value)).toMatchObject({ ok: true })
    await trial.kubectl(remove)
    // The server lets go of its copy a moment after.
    await sleep(3000)
    // Nothing is refused before the new policy holds.
    let last: unknown
    for (const end = Date.now() + 120_000; Date.now() < end;) {
      last = await inThisProcess('open', String(Date.now()))
      if (!(last as { ok: boolean }).ok) break
    }
    expect(last).toMatchObject({
      ok: false,
      kind: 'failed',
      message: expect.stringMatching(/goes by an old copy of the lease open-prod \(writer \d+, not \d+\)/u),
      fix: expect.stringContaining('restart the API server'),
    })
    expect(await stop(trial)).toMatchObject({ ok: true })
    expect(await start(trial)).toMatchObject({ ok: true })
    const again = await connect({ kubeconfig: kubeconfigPath(trial) })
    if (!again.ok) throw new Error(again.message)
    connection = again.connection
    expect(await inThisProcess('open', '3')).toMatchObject({ ok: true })
    expect(await valuesOf('open')).toEqual(['3', '3'])
  })
})
