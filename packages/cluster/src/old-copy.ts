import { failure, type Failure } from './failure.ts'
import { policyName } from './fence.ts'

/**
 * Why a server refuses whoever holds a lease, where it does: a later holder has a higher token, so one that refuses us for
 * a lower one does not know the lease as it is. It learns of it within moments; but a server whose policy was deleted
 * and made anew does not look at leases again before it is restarted (Kubernetes stops what follows the policy's
 * parameters, and cannot start it twice).
 */
export const oldCopyIn = (message: string): Failure | undefined => {
  const [, lease, ours, theirs] = /(\S+)\/(\d+) was written late: \S+\/(\d+) is the writer now/u.exec(message) ?? []
  if (lease === undefined || Number(theirs) >= Number(ours)) return undefined
  return failure(
    'failed',
    `the API server goes by an old copy of the lease ${lease} (writer ${theirs}, not ${ours}), as it does once the policy ${policyName} was deleted and made anew; nothing can be written`,
    'restart the API server, then run it again (k3s: systemctl restart k3s; the sandbox: homeslice sandbox stop, then start)',
  )
}
