import { identityOf, type KubeObject } from '@homeslice/render'
import { nameOf, type Step } from '@homeslice/plan'
import { type Hands, remove } from './effects.ts'
import type { Failure } from './failure.ts'
import { many } from './many.ts'

type Freed = { readonly ok: true; readonly again: readonly Step[] } | Failure

/**
 * A volume does not go while a pod holds it: workloads beside a volume that is made anew go first. Gives the steps that
 * bring back those which are not changed themselves. A run that dies in between leaves them missing, which the next
 * one sees.
 */
export const freeVolumes = async (
  hands: Hands,
  steps: readonly Step[],
  { desired, live }: { readonly desired: readonly KubeObject[]; readonly live: readonly KubeObject[] },
): Promise<Freed> => {
  const namespaces = new Set(
    steps
      .filter(({ action, object }) => action === 'replace' && object.kind === 'PersistentVolumeClaim')
      .map(({ object }) => object.namespace),
  )
  const beside = ({ kind, metadata }: KubeObject): boolean =>
    kind === 'Deployment' && namespaces.has(metadata.namespace)
  const gone = await many(live.filter(beside), namespaces.size, (deployment) => remove(hands, deployment))
  const stuck = gone.find(({ ok }) => !ok)
  if (stuck !== undefined && !stuck.ok) return stuck
  const changed = new Set(steps.flatMap((step) => (step.desired === undefined ? [] : [identityOf(step.desired)])))
  const again = desired
    .filter((object) => beside(object) && !changed.has(identityOf(object)))
    .map((object): Step => ({
      object: nameOf(object),
      action: 'update',
      grades: ['routine'],
      reason: 'stopped while its volume is made anew',
      what: 'stopped while its volume is made anew',
      dangers: [],
      desired: object,
    }))
  return { ok: true, again }
}
