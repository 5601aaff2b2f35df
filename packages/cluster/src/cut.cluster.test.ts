import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { identityOf, type KubeObject } from '@homeslice/render'
import { kubeconfigPath } from '@homeslice/sandbox'
import { startTrial, type Trial, waitingPods } from '@homeslice/sandbox/trial'
import { labelsOfEstate } from './applyset.ts'
import { connect, type Connection } from './connection.ts'
import { planDestroy } from './destroy.ts'
import { bringUp, estateOf, objectsOf, type Shape, tearDown } from './estate.testing.ts'
import { failure } from './failure.ts'
import type { Call } from './http.ts'
import { readLogs } from './logs.ts'
import { listAll } from './objects.ts'
import { observe } from './observe.ts'
import { statusOf } from './status.ts'

const estate = estateOf('cut')
let trial: Trial
let connection: Connection

const image =
  (waitingPods('x', 'x')[1] as { spec: { containers: { image: string }[] } }).spec.containers[0]?.image ?? ''
const homes: readonly [Record<string, Shape>, Record<string, Shape>] = [
  { stays: { image, value: '1', route: '/stays', quota: { pods: '4' } }, goes: { image, secret: 1 } },
  { stays: { image, value: '2', secret: 2, volume: '16Mi' }, comes: { image, schedule: '0 4 * * *', route: '/comes' } },
]
const desiredOf = (home: number): KubeObject[] => objectsOf(estate, homes[home % 2] ?? {})
/** The same one each time, so nobody waits for the run before, which could not let go. */
const holder = 'one@elsewhere pid 1 x'

/** A way to the cluster on which everything goes wrong after so many calls, or one that says no from then on. */
const cutAfter = (calls: number, how: 'cut' | 'forbidden'): { connection: Connection; left: () => number } => {
  let left = calls
  const call = async (one: Call) => {
    left -= 1
    if (left >= 0) return connection.call(one)
    if (how === 'cut') return failure('unreachable', 'the cable is out')
    return { status: 403, body: { kind: 'Status', message: 'it says no' }, retryAfter: undefined }
  }
  return { connection: { ...connection, call }, left: () => left }
}

/** Every number of calls until the work is done, a few at a time. */
const eachCut = async (
  step: number,
  work: (way: Connection, calls: number) => Promise<{ readonly ok: boolean }>,
): Promise<{ readonly ended: unknown[]; readonly runs: number }> => {
  const ended: unknown[] = []
  for (let calls = 0, runs = 1; ; calls += step, runs += 1) {
    const way = cutAfter(calls, runs % 2 === 0 ? 'cut' : 'forbidden')
    const said = await work(way.connection, calls)
    if (way.left() >= 0) return { ended, runs }
    if (!said.ok) ended.push(said)
  }
}

const live = async (): Promise<KubeObject[]> => {
  const listed = await listAll(connection, labelsOfEstate(estate))
  if (!listed.ok) throw new Error(listed.message)
  return listed.objects
}

beforeAll(async () => {
  trial = await startTrial('cut')
  const connected = await connect({ kubeconfig: kubeconfigPath(trial) })
  if (!connected.ok) throw new Error(connected.message)
  connection = connected.connection
})
afterAll(() => trial?.remove())

/** Every end has words, and none of them is a bug of ours. */
const inWords = {
  ok: false,
  kind: expect.stringMatching(/^(unreachable|failed|refused)$/u),
  message: expect.any(String),
}

describe('a cluster that is lost, or says no, at any call', () => {
  it('ends bringing up in a sentence, and what was begun is finished the next time', async () => {
    const { ended, runs } = await eachCut(2, (way, calls) =>
      bringUp(way, { estate, desired: desiredOf(calls / 2), allow: ['data-loss:stays'], deadlineSeconds: 2, holder }),
    )
    process.stdout.write(`cut: ${runs} runs, ${ended.length} ended in a sentence\n`)
    expect(ended.length).toBeGreaterThan(20)
    for (const one of ended) expect(one).toMatchObject(inWords)
    const desired = desiredOf(1)
    const allow = ['data-loss:stays']
    expect(await bringUp(connection, { estate, desired, allow, deadlineSeconds: 60, holder })).toMatchObject({
      ok: true,
    })
    expect((await live()).map(identityOf).toSorted()).toEqual(desired.map(identityOf).toSorted())
  }, 900_000)

  it('ends a look in a sentence', async () => {
    const workloads = [{ name: 'stays', namespace: 'cut-prod-stays' }]
    const logs = { namespace: 'cut-prod-stays', tail: 5, previous: false, onLine: () => undefined }
    for (const look of [
      (way: Connection) => statusOf(way, estate, workloads),
      (way: Connection) => observe(way, estate, { desired: desiredOf(0), allow: [] }),
      (way: Connection) => readLogs(way, logs),
    ]) {
      const { ended } = await eachCut(1, look)
      expect(ended.length).toBeGreaterThan(0)
      for (const one of ended) expect(one).toMatchObject(inWords)
    }
  })

  it('ends a removal in a sentence, and the next one removes the rest', async () => {
    const { ended } = await eachCut(3, async (way) => {
      const { removed, kept } = planDestroy(await live(), ['data-loss:stays'])
      return tearDown(way, { estate, removed, kept, holder })
    })
    for (const one of ended) expect(one).toMatchObject(inWords)
    expect(await live()).toEqual([])
  }, 900_000)
})
