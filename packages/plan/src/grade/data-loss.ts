import type { KubeObject } from '@homeslice/render'
import { type Danger, serviceOf } from '../change.ts'
import { textAt } from '../group.ts'
import { quantity } from '../quantity.ts'
import { type Grader, objectsOf, placeOf, type Side, type Situation, type Turn } from '../situation.ts'
import { mountsOf, workloadIn } from '../workload.ts'

/** Volumes that would be deleted, made anew, or left behind by their service. */
export const dataLoss: Grader = (turn, situation) => {
  const { action, before, service } = turn
  if (before === undefined || action === 'update') return []
  if (before.kind === 'Namespace') {
    const volumes = objectsOf(situation.before, service).filter(holdsData)
    const words = `the namespace of ${service} would be deleted with its volumes`
    return volumes.length > 0 ? [loss(service, words, ['data'])] : []
  }
  if (!holdsData(before)) return []
  const path = pathOf(before, situation.before)
  const words = action === 'delete' ? wordsOfLeaving(before, turn, situation) : wordsOfRemaking(before, turn, situation)
  return [loss(service, words, ['data', path])]
}

const loss = (service: string, words: string, rest: readonly string[]): Danger => ({
  grade: 'data-loss',
  service,
  words,
  at: placeOf(service, ...rest),
  stops: true,
})

/** Host folders are the node's own: their volumes only point there. */
const holdsData = ({ kind, spec }: KubeObject): boolean =>
  kind === 'PersistentVolumeClaim' &&
  !(typeof spec === 'object' && spec !== null && 'storageClassName' in spec && spec.storageClassName === '')

/** Where the pods of its service see a claim; its own name where none of them does. */
const pathOf = (claim: KubeObject, side: Side): string =>
  mountsOf(workloadIn(objectsOf(side, serviceOf(claim)))).get(claim.metadata.name) ?? claim.metadata.name

const gone = 'would be deleted with everything on it'

const wordsOfLeaving = (claim: KubeObject, { service }: Turn, { before, after, renames }: Situation): string => {
  const path = pathOf(claim, before)
  const renamed = renames.get(service)
  if (renamed !== undefined)
    return `${service} is called ${renamed} now, and its volume ${path} does not come along: it ${gone}, and ${renamed} begins with an empty one`
  const known = new Set(objectsOf(before, service).map(({ metadata }) => metadata.name))
  const moved = objectsOf(after, service).find(
    (one) => holdsData(one) && !known.has(one.metadata.name) && sizeOf(one) === sizeOf(claim),
  )
  if (moved === undefined) return `the volume ${path} of ${service} ${gone}`
  const place = pathOf(moved, after)
  return `the volume of ${service} moves from ${path} to ${place}, and what is on it does not move along: it ${gone}, and ${place} begins empty`
}

const wordsOfRemaking = (claim: KubeObject, { service, after }: Turn, { before }: Situation): string =>
  `the volume ${pathOf(claim, before)} of ${service} ${reasonOf(claim, after)}: it ${gone} and made anew`

const reasonOf = (claim: KubeObject, next: KubeObject | undefined): string => {
  if (next !== undefined && !holdsData(next)) return 'gives way to a folder of the node'
  const [was, is] = [sizeOf(claim), sizeOf(next)]
  const [from, to] = [Number(quantity(was)), Number(quantity(is))]
  if (to < from) return `cannot be made smaller (${was} → ${is})`
  if (to > from) return `cannot be made larger in its class (${was} → ${is})`
  const classes = [classOf(claim), classOf(next)]
  return classes[0] === classes[1]
    ? 'cannot become what it is to be'
    : `cannot change its class (${classes[0]} → ${classes[1]})`
}

const sizeOf = (claim: KubeObject | undefined): string => textAt(claim, 'spec', 'resources', 'requests', 'storage')

const classOf = (claim: KubeObject | undefined): string => textAt(claim, 'spec', 'storageClassName') || 'the default'
