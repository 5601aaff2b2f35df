import type { Danger } from '../change.ts'
import { type Grader, placeOf, workloadBefore } from '../situation.ts'
import { makesPods, memoryOf } from '../workload.ts'

/** Services that may use more memory than before, all their pods together. */
export const cost: Grader = ({ service, after }, situation) => {
  if (after === undefined || !makesPods(after)) return []
  const before = workloadBefore(situation, service)
  const [was, is] = [memoryOf(before, 'limits'), memoryOf(after, 'limits')].map(Math.round) as [number, number]
  if (is <= was) return []
  const words =
    before === undefined
      ? `${service} is new and may use ${is} MiB of memory`
      : `${service} may use ${is - was} MiB more memory (${was} → ${is} MiB)`
  return [{ grade: 'cost', service, words, at: placeOf(service, 'resources') } satisfies Danger]
}
