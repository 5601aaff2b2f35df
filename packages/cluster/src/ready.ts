import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '@homeslice/render'
import type { Connection } from './connection.ts'
import type { Failure, Report } from './failure.ts'
import { groupsAt, numberAt, textAt } from './json.ts'
import { type Kind, kindOf } from './kinds.ts'
import { cronJobReason, jobFailed } from './jobs.ts'
import { readLogs } from './logs.ts'
import { many } from './many.ts'
import { listKind } from './objects.ts'
import { eventReason, podReason } from './reasons.ts'

/** What became of one workload. */
export type Readiness = {
  readonly name: string
  readonly namespace: string
  readonly ready: boolean
  readonly reason?: string
  /** How long its slowest pod took from when it was made until it was ready, by the cluster's clock; absent without one. */
  readonly startSeconds?: number
}

/** What to wait for, and how long. */
export type Waiting = {
  readonly workloads: readonly { readonly name: string; readonly namespace: string }[]
  readonly labels: string
  readonly deadlineSeconds: number
  readonly report: Report
  readonly signal: AbortSignal | undefined
}

const jobs: Kind = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true, wave: 'workloads' }
const pods: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, wave: 'workloads' }
const events: Kind = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true, wave: 'workloads' }

/** How long is waited for the next look: shorter at first, since what is small is ready soon. */
const pauses = { shortest: 50, longest: 250 } as const

type Looked = { readonly ok: true; readonly all: Readiness[] } | Failure

/** Waits until each workload is ready or its time is over; the reason is then named. */
export const waitUntilReady = async (connection: Connection, waiting: Waiting): Promise<Looked> => {
  const { signal } = waiting
  const end = performance.now() + waiting.deadlineSeconds * 1000
  const told = new Set<string>()
  for (let pause: number = pauses.shortest; ; pause = Math.min(pause * 2, pauses.longest)) {
    const looked = await look(connection, waiting)
    if (!looked.ok) return looked
    for (const one of looked.all) tell(one, told, waiting.report)
    if (looked.all.every(({ ready }) => ready)) return looked
    const over = performance.now() >= end || signal?.aborted === true
    if (over || looked.all.every(({ ready, reason }) => ready || reason?.startsWith(jobFailed)))
      return giveUp(connection, looked.all, waiting.report)
    await sleep(pause, undefined, signal ? { signal } : {}).catch(() => undefined)
  }
}

const tell = ({ name, ready, reason }: Readiness, told: Set<string>, report: Report): void => {
  if (!ready) report({ task: name, state: 'progress', ...(reason === undefined ? {} : { detail: reason }) })
  else if (!told.has(name)) report({ task: name, state: 'done', detail: 'ready' })
  if (ready) told.add(name)
}

const giveUp = async (connection: Connection, all: readonly Readiness[], report: Report): Promise<Looked> => {
  const named = await many(all, 8, async (one) => (one.ready ? one : withEvents(connection, one)))
  for (const { name, ready, reason = 'not ready' } of named) {
    if (!ready) report({ task: name, state: 'failed', detail: reason })
  }
  return { ok: true, all: named }
}

/** How each workload is right now. */
export const look = async (
  connection: Connection,
  { workloads, labels }: Pick<Waiting, 'workloads' | 'labels'>,
): Promise<{ readonly ok: true; readonly all: Readiness[] } | Failure> => {
  const list = (kind: Kind): ReturnType<typeof listKind> => listKind(connection, kind, { labels })
  const [deployments, cronJobs, running, runs] = await Promise.all([
    list(kindOf({ apiVersion: 'apps/v1', kind: 'Deployment' })),
    list(kindOf({ apiVersion: 'batch/v1', kind: 'CronJob' })),
    list(pods),
    list(jobs),
  ])
  if (!deployments.ok) return deployments
  if (!cronJobs.ok) return cronJobs
  if (!running.ok) return running
  if (!runs.ok) return runs
  const all = workloads.map(({ name, namespace }): Readiness => {
    const mine = (object: KubeObject): boolean => object.metadata.namespace === namespace
    const deployment = deployments.objects.find((object) => mine(object) && object.metadata.name === name)
    if (deployment === undefined) {
      const cronJob = cronJobs.objects.find((object) => mine(object) && object.metadata.name === name)
      return readiness(name, namespace, cronJob ? cronJobReason(cronJob, runs.objects) : 'it is not there')
    }
    const ours = running.objects.filter(mine)
    return { ...readiness(name, namespace, deploymentReason(deployment, ours)), ...started(ours) }
  })
  return { ok: true, all }
}

const readiness = (name: string, namespace: string, reason: string | undefined): Readiness => ({
  name,
  namespace,
  ready: reason === undefined,
  ...(reason === undefined ? {} : { reason }),
})

const started = (pods: readonly KubeObject[]): Pick<Readiness, 'startSeconds'> => {
  const seconds = pods.flatMap((pod) => startSecondsOf(pod) ?? [])
  return seconds.length === 0 ? {} : { startSeconds: Math.max(...seconds) }
}

/** How long a pod took from when it was made until it was ready; nothing of one that is not, or was ready before. */
export const startSecondsOf = (pod: KubeObject): number | undefined => {
  const ready = groupsAt(pod, 'status', 'conditions').find(({ type, status }) => type === 'Ready' && status === 'True')
  const restarts = groupsAt(pod, 'status', 'containerStatuses').some((one) => numberAt(one, 'restartCount') > 0)
  if (ready === undefined || restarts) return undefined
  const [from, to] = [textAt(pod, 'metadata', 'creationTimestamp'), textAt(ready, 'lastTransitionTime')].map(Date.parse)
  const seconds = ((to ?? Number.NaN) - (from ?? Number.NaN)) / 1000
  return seconds >= 0 ? seconds : undefined
}

/** Nothing once every replica of the newest version is there and answers, and none of an older one is left. */
export const deploymentReason = (deployment: KubeObject, pods: readonly KubeObject[]): string | undefined => {
  const wanted = numberAt(deployment, 'spec', 'replicas')
  const { generation } = deployment.metadata
  const observed = numberAt(deployment, 'status', 'observedGeneration') >= Number(generation)
  const [updated, total, available] = ['updatedReplicas', 'replicas', 'availableReplicas'].map((key) =>
    numberAt(deployment, 'status', key),
  ) as [number, number, number]
  if (observed && updated >= wanted && total <= updated && available >= wanted) return undefined
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const newest = alive.toSorted((a, b) =>
    textAt(b, 'metadata', 'creationTimestamp').localeCompare(textAt(a, 'metadata', 'creationTimestamp')),
  )
  const reason = newest.map(podReason).find((one) => one !== undefined)
  if (reason !== undefined) return reason
  const refused = groupsAt(deployment, 'status', 'conditions').find(
    ({ type, status }) => type === 'ReplicaFailure' && status === 'True',
  )
  if (refused !== undefined)
    return eventReason({ reason: 'FailedCreate', message: textAt(refused, 'message') }) ?? 'Refused'
  return updated < wanted
    ? 'starting'
    : available < wanted
      ? 'waiting for its readiness probe'
      : 'ending the old version'
}

/** Events say what the status does not; they are asked only when time is over. */
const withEvents = async (connection: Connection, one: Readiness): Promise<Readiness> => {
  if (one.reason?.startsWith('Crash: ') === true) return withLastWords(connection, one)
  if (one.reason !== undefined && /^[A-Z]\w+: /u.test(one.reason)) return one
  const listed = await listKind(connection, events, { namespace: one.namespace })
  if (!listed.ok) return one
  const latest = listed.objects.toSorted((a, b) => eventTime(b).localeCompare(eventTime(a)))
  const reason = latest.map((event) => eventReason(event)).find((words) => words !== undefined)
  return reason === undefined ? one : { ...one, reason }
}

/** The last line that a crashed container logged. */
const withLastWords = async (connection: Connection, one: Readiness): Promise<Readiness> => {
  let last = ''
  for (const previous of [false, true]) {
    const onLine = (line: string): void => void (last = line)
    if (last === '') await readLogs(connection, { namespace: one.namespace, tail: 1, previous, onLine })
  }
  return last === '' ? one : { ...one, reason: `${one.reason}; it said: ${last.slice(0, 300)}` }
}

const eventTime = (event: KubeObject): string =>
  textAt(event, 'lastTimestamp') || textAt(event, 'eventTime') || textAt(event, 'metadata', 'creationTimestamp')
