import type { KubeObject } from '@homeslice/render'
import { at, type Group, groupsAt, numberAt, textAt } from './json.ts'

/** Why a pod does not get on, in words that begin with what is to blame; nothing if it does. */
export const podReason = (pod: KubeObject): string | undefined => {
  const scheduled = groupsAt(pod, 'status', 'conditions').find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status === 'False') return scheduleReason(textAt(scheduled, 'message'))
  const statuses = [
    ...groupsAt(pod, 'status', 'initContainerStatuses'),
    ...groupsAt(pod, 'status', 'containerStatuses'),
  ]
  for (const status of statuses) {
    const reason = containerReason(status, pod)
    if (reason !== undefined) return reason
  }
  return undefined
}

const scheduleReason = (message: string): string => {
  if (/unbound immediate PersistentVolumeClaims|persistentvolumeclaim .* not found/u.test(message)) {
    return `Volume: ${message.includes('unbound') ? 'no storage class makes it, or it is not made yet' : message}`
  }
  return `Schedule: no node has room for it: ${message.replace(/^\d+\/\d+ nodes are available: /u, '').split('. ')[0]}`
}

const containerReason = (status: Group, pod: KubeObject): string | undefined => {
  const waiting = textAt(status, 'state', 'waiting', 'reason')
  const message = textAt(status, 'state', 'waiting', 'message')
  if (/^(ImagePullBackOff|ErrImagePull|ErrImageNeverPull)$/u.test(waiting))
    return `ImagePull: ${pullReason(textAt(status, 'image'), message)}`
  if (waiting === 'InvalidImageName') return `ImagePull: ${textAt(status, 'image')} is no image name`
  if (waiting === 'CreateContainerConfigError') return configReason(message)
  if (waiting === 'CreateContainerError' || waiting === 'RunContainerError') return `Start: ${message}`
  const ended = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated')
  const restarts = numberAt(status, 'restartCount')
  if (ended === undefined || (restarts === 0 && at(status, 'state', 'terminated') === undefined)) return undefined
  if (status.ready === true) return undefined
  if (textAt(ended, 'reason') === 'OOMKilled')
    return `OOM: over its limit of ${memoryLimit(pod, textAt(status, 'name'))}`
  return `Crash: ended with ${numberAt(ended, 'exitCode')}${restarts > 0 ? `, ${restarts + 1} starts so far` : ''}`
}

/** What the node's words mean, which quote the registry's; without any there is no such image. */
const pulls: readonly (readonly [RegExp, (image: string) => string])[] = [
  [/x509|certificate/iu, (image) => `the node does not trust the registry of ${image}`],
  [
    /\b40[13]\b|unauthorized|forbidden|access denied|authoriz/iu,
    (image) => `the node may not pull ${image}, or it does not exist`,
  ],
  [
    /connection refused|no such host|i\/o timeout|no route to host/iu,
    (image) => `no such image ${image}: the node has no way to its registry`,
  ],
  [/no match for platform/iu, (image) => `${image} is not built for this kind of node`],
]

const pullReason = (image: string, message: string): string =>
  (pulls.find(([words]) => words.test(message))?.[1] ?? ((none: string) => `no such image ${none}`))(image)

const configReason = (message: string): string => {
  const missing = /(secret|configmap) "([^"]+)" not found/iu.exec(message)
  if (missing === null) return `Config: ${message}`
  return `${missing[1]?.toLowerCase() === 'secret' ? 'Secret' : 'Config'}: ${missing[2]} is missing`
}

const memoryLimit = (pod: KubeObject, container: string): string =>
  textAt(
    groupsAt(pod, 'spec', 'containers').find(({ name }) => name === container),
    'resources',
    'limits',
    'memory',
  ) || 'none'

/** What an event of a pod says that its status does not: which probe failed and how, which volume is not there. */
export const eventReason = (event: Group): string | undefined => {
  const message = textAt(event, 'message')
  const probe = /^(Readiness|Startup|Liveness) probe failed: (.*)$/su.exec(message)
  if (probe !== null) return `Probe: ${probe[1]?.toLowerCase()}: ${probeWords(probe[2] ?? '')}`
  if (event.reason === 'FailedMount') {
    const secret = /(secret|configmap) "([^"]+)" not found/u.exec(message)
    return secret === null
      ? `Volume: ${message.slice(0, 200)}`
      : `${secret[1] === 'secret' ? 'Secret' : 'Config'}: ${secret[2]} is missing`
  }
  if (event.reason === 'FailedCreate' && message.includes('exceeded quota'))
    return `Quota: ${message.slice(message.indexOf('exceeded quota'))}`
  return event.reason === 'FailedCreate' ? `Refused: ${message.slice(0, 300)}` : undefined
}

const probeWords = (words: string): string => {
  const status = /HTTP probe failed with statuscode: (\d+)/u.exec(words)?.[1]
  return status === undefined ? (words.split('\n')[0] ?? '').slice(0, 200) : `answered ${status}`
}
