import type { KubeObject } from '@homeslice/render'
import { serviceOf, type Step } from '@homeslice/plan'
import { type Hands, put } from './effects.ts'
import type { Failure } from './failure.ts'
import { at } from './json.ts'

/**
 * A service with data is stopped before its next version starts. If that one does not become ready, the version before
 * it comes back: its old files and secrets are still there, since nothing of it was pruned.
 */
export const restoreRecreated = async (
  hands: Hands,
  steps: readonly Step[],
  broken: ReadonlySet<string>,
): Promise<{ readonly ok: true } | Failure> => {
  for (const object of before(steps, broken).map(asApplied)) {
    const task = object.metadata.name
    hands.report({ task, state: 'start', detail: 'going back to the version before' })
    const put1 = await put(hands, object, { force: true })
    if (!put1.ok) return put1
    hands.report({ task, state: 'done', detail: 'the version before is back' })
  }
  return { ok: true }
}

/** Names of the services that come back in the version before. */
export const goingBack = (steps: readonly Step[], broken: ReadonlySet<string>): ReadonlySet<string> =>
  new Set(before(steps, broken).map(serviceOf))

const before = (steps: readonly Step[], broken: ReadonlySet<string>): KubeObject[] =>
  steps.flatMap(({ live, desired }) =>
    live !== undefined &&
    desired !== undefined &&
    broken.has(serviceOf(desired)) &&
    at(desired, 'spec', 'strategy', 'type') === 'Recreate'
      ? [live]
      : [],
  )

/** A live object as it can be applied again: without what the server keeps about it. */
const asApplied = ({ apiVersion, kind, metadata: { name, namespace, labels }, spec }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) },
  spec,
})
