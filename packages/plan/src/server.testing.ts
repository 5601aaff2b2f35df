import assert from 'node:assert/strict'
import { type Home, parseHome } from '@homeslice/config'
import { identityOf, type KubeObject, render } from '@homeslice/render'
import { differences } from './compare.ts'
import { isGroup, textAt } from './group.ts'
import { makePlan, type Plan, type PlanInput, type Verdict } from './plan.ts'
import { quantity } from './quantity.ts'

const images = Object.fromEntries(
  ['buttons', 'clocktime', 'simulators', 'switches'].map((name) => [name, `homeslice.local/${name}:1`]),
)

/** A home as text, which must be fine. */
const homeOf = (text: string): Home => {
  const read = parseHome(text)
  assert(read.ok, JSON.stringify(read))
  return read.home
}

/** What a home asks for in an environment; nothing where it has no such environment. */
export const desiredOf = (text: string, env: string): KubeObject[] => {
  if (text === '') return []
  const home = homeOf(text)
  return home.environments[env] === undefined
    ? []
    : [...render(home, { env, images, secretVersions: { token: 3, key: 3 } }).objects]
}

/** An object once the server has it: its defaults filled in, and what it keeps about every object. */
export const kept = (object: KubeObject): KubeObject => {
  const spec = object.kind === 'Deployment' ? { replicas: 1, ...(object.spec as object) } : object.spec
  return {
    ...object,
    metadata: { ...object.metadata, uid: identityOf(object), resourceVersion: '1' },
    ...(spec === undefined ? {} : { spec }),
    status: {},
  }
}

/** What a server says to a change: claims keep their size and class, all else becomes what is desired. */
const judged = (desired: KubeObject, live: KubeObject): Verdict => {
  const message = desired.kind === 'PersistentVolumeClaim' ? refusal(desired, live) : undefined
  if (message !== undefined) return { kind: 'immutable', message }
  return { kind: 'becomes', object: kept(desired), takenFrom: [] }
}

const refusal = (desired: KubeObject, live: KubeObject): string | undefined => {
  const [is, was] = [desired, live].map((one) => quantity(textAt(one, 'spec', 'resources', 'requests', 'storage')) ?? 0)
  if (Number(is) < Number(was))
    return 'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'
  const bound = ({ spec }: KubeObject): KubeObject => ({
    ...desired,
    spec: isGroup(spec) ? { ...spec, resources: {} } : spec,
  })
  const changed = [...differences(bound(desired), bound(live)), ...differences(bound(live), bound(desired))]
  return changed.some((path) => path.startsWith('spec'))
    ? 'spec: Forbidden: spec is immutable after creation except resources.requests'
    : undefined
}

/** The plan from one home file to another, by a server that behaves as the real one does. */
export const planBetween = (
  before: string,
  after: string,
  { env = 'prod', ...more }: { readonly env?: string } & Pick<PlanInput, 'allow' | 'startSeconds'> = {},
): Plan => {
  const live = desiredOf(before, env).map(kept)
  const desired = desiredOf(after, env)
  const there = new Map(live.map((object) => [identityOf(object), object]))
  const verdicts = new Map(
    desired.flatMap((object) => {
      const now = there.get(identityOf(object))
      return now === undefined ? [] : [[identityOf(object), judged(object, now)] as const]
    }),
  )
  return makePlan({ desired, live, verdicts, ...more })
}
