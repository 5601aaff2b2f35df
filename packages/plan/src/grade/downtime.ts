import { type KubeObject, openingsOf } from '@homeslice/render'
import type { Danger } from '../change.ts'
import { differences } from '../compare.ts'
import { at, groupsAt, textAt } from '../group.ts'
import { type Grader, isThere, objectsOf, placeOf, type Situation, type Turn, workloadBefore } from '../situation.ts'
import { graceOf, replicasOf, workloadIn } from '../workload.ts'
import { addressOf, ofRoute, shiftsOf } from './openings.ts'

/** How long a service takes to start where nobody has measured it. */
export const defaultStartSeconds = 10

/** Services that would be away for a while, or for good. */
export const downtime: Grader = (turn, situation) => graders.get(turn.kind)?.(turn, situation) ?? []

const away = (
  service: string,
  words: string,
  more: { readonly key?: string; readonly seconds?: number } = {},
): Danger => ({
  grade: 'downtime',
  service,
  words,
  at: placeOf(service, ...(more.key === undefined ? [] : [more.key])),
  ...(more.seconds === undefined ? {} : { seconds: more.seconds }),
})

/** A pause from the end of the old version to the start of the next. */
const pause = (service: string, workload: KubeObject, { startSeconds }: Situation): Danger => {
  const grace = graceOf(workload)
  const start = startSeconds.get(service) ?? defaultStartSeconds
  const words = `${service} would be away for up to ${grace + start} s: up to ${grace} s to end, and about ${start} s to start again`
  return away(service, words, { seconds: grace + start })
}

const ofDeployment: Grader = (turn, situation) => {
  const { action, service, before, after } = turn
  if (before === undefined || replicasOf(before) === 0) return []
  if (after === undefined) return ofRemoval(turn, situation)
  if (replicasOf(after) === 0)
    return [away(service, `${service} would be stopped: none of it would run`, { key: 'replicas' })]
  const stops = action === 'replace' || (isRecreated(after) && restarts(before, after))
  return stops ? [pause(service, before, situation)] : []
}

const isRecreated = (deployment: KubeObject): boolean => textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate'

/** Whether pods are made anew: anything of their template changes. */
const restarts = (before: KubeObject, after: KubeObject): boolean =>
  [...differences(after, before), ...differences(before, after)].some((path) => path.startsWith('spec.template'))

const ofRemoval: Grader = ({ service }, { after, renames }) => {
  const next = workloadIn(objectsOf(after, service))
  const schedule = textAt(next, 'spec', 'schedule')
  if (schedule !== '')
    return [away(service, `${service} would run only at ${schedule}, no longer all the time`, { key: 'schedule' })]
  if (next !== undefined) return []
  const renamed = renames.get(service)
  return renamed === undefined
    ? [away(service, `${service} would be removed`)]
    : [away(service, `${service} is called ${renamed} now: ${renamed} starts, then ${service} would be removed`)]
}

const ofCronJob: Grader = (turn, situation) => (turn.action === 'delete' ? ofRemoval(turn, situation) : [])

/** A volume does not go while a pod holds it. */
const ofClaim: Grader = ({ action, service }, situation) => {
  const workload = workloadBefore(situation, service)
  return action === 'replace' && workload !== undefined && replicasOf(workload) > 0
    ? [pause(service, workload, situation)]
    : []
}

/** Calls go to the new port at once, and the pods that listen there come later. */
const ofService: Grader = ({ service, before, after }, { startSeconds }) => {
  const [was, is] = [before, after].map((one) => groupsAt(one, 'spec', 'ports').find((port) => at(port, 'port') === 80))
  if (was === undefined || is === undefined || at(was, 'targetPort') === at(is, 'targetPort')) return []
  const start = startSeconds.get(service) ?? defaultStartSeconds
  const words = `${service} listens on another port: for about ${start} s calls would find nobody there`
  return [away(service, words, { key: 'port', seconds: start })]
}

const ofHttpRoute: Grader = ({ action, service, before }: Turn, situation) => {
  if (action !== 'delete' || before === undefined || openingsOf(before).length === 0) return []
  if (!isThere(situation.after, service)) return ofRemoval({ action, service, kind: before.kind }, situation)
  return ofRoute(shiftsOf(service, situation).gone, before, (opening) => opening).map((opening) =>
    away(service, `nothing would lead to ${service} at ${addressOf(opening)} any more`, { key: 'routes' }),
  )
}

const graders: ReadonlyMap<string, Grader> = new Map([
  ['Deployment', ofDeployment],
  ['CronJob', ofCronJob],
  ['PersistentVolumeClaim', ofClaim],
  ['Service', ofService],
  ['HTTPRoute', ofHttpRoute],
])
