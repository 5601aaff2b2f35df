import type { KubeObject } from '@homeslice/render'
import { groupAt, isGroup } from './group.ts'
import { quantity } from './quantity.ts'

type Group = Readonly<Record<string, unknown>>

/**
 * While one version follows another, both need room: a quota or a limit that shrinks stays as large as it was until the
 * new version is ready. Gives the object to apply until then; nothing where it does not shrink.
 */
export const roomForBoth = (desired: KubeObject, live: KubeObject): KubeObject | undefined => {
  if (desired.kind === 'ResourceQuota') {
    const hard = larger(groupAt(desired.spec, 'hard'), groupAt(live.spec, 'hard'))
    return hard === undefined ? undefined : { ...desired, spec: { ...(desired.spec as Group), hard } }
  }
  if (desired.kind !== 'LimitRange') return undefined
  const [wanted, now] = [firstLimit(desired), firstLimit(live)]
  const max = larger(groupAt(wanted, 'max'), groupAt(now, 'max'))
  return max === undefined ? undefined : { ...desired, spec: { limits: [{ ...wanted, max }] } }
}

const firstLimit = ({ spec }: KubeObject): Group => {
  const limits = isGroup(spec) && Array.isArray(spec.limits) ? spec.limits.filter(isGroup) : []
  return limits[0] ?? {}
}

/** The larger of both at each key; nothing where the first one is nowhere smaller. */
const larger = (desired: Group, live: Group): Group | undefined => {
  const kept = Object.entries(desired).map(([key, value]): [string, unknown, boolean] => {
    const [wanted, now] = [quantity(String(value)), quantity(String(live[key]))]
    const shrinks = wanted !== undefined && now !== undefined && now > wanted
    return [key, shrinks ? live[key] : value, shrinks]
  })
  return kept.some(([, , shrinks]) => shrinks)
    ? Object.fromEntries(kept.map(([key, value]) => [key, value]))
    : undefined
}
