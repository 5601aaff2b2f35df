import type { KubeObject } from '@homeslice/render'
import { fieldManager } from '@homeslice/plan'
import { groupsAt, textAt } from './json.ts'

/** How the reason of a failed run begins: waiting does not help it, only the next run does. */
export const jobFailed = 'Job: '

/** Why a scheduled service is not well: its last finished run failed, and it was not changed since. */
export const cronJobReason = (cronJob: KubeObject, jobs: readonly KubeObject[]): string | undefined => {
  const [last] = jobs
    .filter((job) => groupsAt(job, 'metadata', 'ownerReferences').some(({ uid }) => uid === cronJob.metadata.uid))
    .flatMap((job) => {
      const end = groupsAt(job, 'status', 'conditions').find(
        ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
      )
      return end === undefined ? [] : [{ end, begun: textAt(job, 'metadata', 'creationTimestamp') }]
    })
    .toSorted((a, b) => textAt(b.end, 'lastTransitionTime').localeCompare(textAt(a.end, 'lastTransitionTime')))
  if (last === undefined || last.end.type === 'Complete' || last.begun < changedAt(cronJob)) return undefined
  return `${jobFailed}its run of ${last.begun} failed: ${textAt(last.end, 'message')}`
}

const changedAt = (object: KubeObject): string =>
  textAt(
    groupsAt(object, 'metadata', 'managedFields').find(
      ({ manager, operation }) => manager === fieldManager && operation === 'Apply',
    ),
    'time',
  )
