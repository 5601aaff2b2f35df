import { holds, type KubeObject, leadsOutside, type Opening, redirectsName } from '@homeslice/render'
import type { Danger } from '../change.ts'
import { textsAt } from '../group.ts'
import { type Grader, isThere, placeOf } from '../situation.ts'
import { addressOf, ofRoute, shiftsOf } from './openings.ts'
import { redirectOf } from './redirects.ts'

/** Services that more callers would reach, and people who would be sent out of the house. */
export const exposure: Grader = (turn, situation) => {
  const { kind, service, before, after } = turn
  if (after === undefined) return []
  if (kind === 'Middleware') return ofHome(service, before, after)
  if (kind !== 'HTTPRoute') return []
  if (service === redirectsName) return ofRedirect(before, after)
  const known = isThere(situation.before, service)
  const { widened } = shiftsOf(service, situation)
  return ofRoute(widened, after, ({ opening }) => opening).map(({ opening, before: who }) => {
    const words = `${service} would be open to ${callers[opening.who]} at ${addressOf(opening)}`
    const now = who === undefined ? 'so far to nobody there' : `so far to ${callers[who]}`
    return open(service, known ? `${words}, ${now}` : words, placeOf(service, 'routes'))
  })
}

const open = (service: string, words: string, at: Danger['at']): Danger => ({
  grade: 'exposure',
  service,
  words,
  at,
  stops: true,
})

/** Who calls, in words. */
export const callers: Readonly<Record<Opening['who'], string>> = {
  everyone: 'everyone',
  home: 'the home',
  key: 'machines with a key',
  person: 'people who sign in',
}

/** The networks that an allow list lets in. */
export const rangesOf = (list: KubeObject | undefined): string[] => textsAt(list, 'spec', 'ipAllowList', 'sourceRange')

/** Networks that count as the home from now on. */
const ofHome = (service: string, before: KubeObject | undefined, after: KubeObject): Danger[] => {
  if (before === undefined) return []
  const [was, is] = [rangesOf(before), rangesOf(after)]
  return is
    .filter((network) => !was.some((one) => holds(one, network)))
    .map((network) =>
      open(service, `${service} would be open to ${network}, which would count as the home`, ['cluster', 'lan']),
    )
}

const ofRedirect = (before: KubeObject | undefined, after: KubeObject): Danger[] => {
  const [was, is] = [before && redirectOf(before), redirectOf(after)]
  if (!leadsOutside(after) || (was?.from === is.from && was.to === is.to)) return []
  const words = `${is.from} would send the home to ${is.to}, which is somebody else's machine`
  return [open(redirectsName, words, placeOf(redirectsName, is.index))]
}
