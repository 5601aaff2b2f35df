import { holds, type KubeObject, redirectsName } from '@homeslice/render'
import type { Danger } from '../change.ts'
import { at, groupsAt, textAt } from '../group.ts'
import { type Grader, isThere, placeOf, type Turn } from '../situation.ts'
import { callers, rangesOf } from './exposure.ts'
import { addressOf, ofRoute, shiftsOf } from './openings.ts'
import { redirectOf } from './redirects.ts'
import { leftOutOf, type Way, waysOf } from './ways.ts'

/** What services may reach, and where they are found. */
export const reachability: Grader = (turn, situation) => graders.get(turn.kind)?.(turn, situation) ?? []

const reach = (service: string, words: string, place: Danger['at']): Danger => ({
  grade: 'reachability',
  service,
  words,
  at: place,
})

const ofPolicy: Grader = (turn, situation) => {
  const { action, service, before, after } = turn
  const known = isThere(situation.before, service)
  // What nobody but the service itself loses goes without saying.
  if (action === 'delete')
    return isThere(situation.after, service)
      ? [reach(service, `nothing would hold back the traffic of ${service} any more`, placeOf(service))]
      : []
  if (known && action === 'create') return [reach(service, `${service} is held to what it may reach`, placeOf(service))]
  const into = { into: known }
  const [was, is] = [waysOf(service, before, into), waysOf(service, after, into)]
  return [
    ...missingIn(was, is).map((way) => reach(service, `${way.from} would be able to reach ${way.to}`, way.at)),
    ...missingIn(is, was).map((way) =>
      reach(service, `${way.from} would no longer be able to reach ${way.to}`, way.at),
    ),
    ...ofLeftOut(turn),
  ]
}

/** Ways of the second list that the first one has not. */
const missingIn = (list: readonly Way[], other: readonly Way[]): Way[] => {
  const known = new Set(list.map(keyOf))
  return [...new Map(other.filter((way) => !known.has(keyOf(way))).map((way) => [keyOf(way), way])).values()]
}

const keyOf = ({ from, to }: Way): string => `${from} ${to}`

/** Networks that begin or cease to count as the internet. */
const ofLeftOut = ({ service, before, after }: Turn): Danger[] => {
  const next = leftOutOf(after)
  return [...leftOutOf(before)].flatMap(([network, was]) => {
    const is = next.get(network)
    if (is === undefined) return []
    const place = ['cluster', 'lan']
    return [
      ...was
        .filter((one) => !is.includes(one))
        .map((one) => reach(service, `${service} would be able to reach ${one}, as a part of the internet`, place)),
      ...is
        .filter((one) => !was.includes(one))
        .map((one) =>
          reach(service, `${service} would no longer be able to reach ${one}, as a part of the internet`, place),
        ),
    ]
  })
}

const ofHttpRoute: Grader = (turn, situation) => {
  const { service, before, after } = turn
  if (before === undefined) return []
  if (service === redirectsName) return ofRedirect(before, after)
  if (!isThere(situation.after, service)) return []
  const { moved, gone, narrowed } = shiftsOf(service, situation)
  const say = (words: string): Danger => reach(service, words, placeOf(service, 'routes'))
  return [
    ...ofRoute(moved, before, ({ from }) => from).map(({ from, to }) =>
      say(`${service} moves from ${addressOf(from)} to ${addressOf(to)}`),
    ),
    ...ofRoute(gone, before, (from) => from).map((from) =>
      say(`${service} would no longer be found at ${addressOf(from)}`),
    ),
    ...ofRoute(narrowed, before, ({ from }) => from).map(({ from, to }) =>
      say(`at ${addressOf(from)} only ${callers[to.who]} would find ${service}, no longer ${callers[from.who]}`),
    ),
    ...ofGateway(turn),
  ]
}

const gatewaysOf = (route: KubeObject | undefined): string =>
  groupsAt(route, 'spec', 'parentRefs')
    .map((one) => [textAt(one, 'namespace'), textAt(one, 'name'), textAt(one, 'sectionName')].join('/'))
    .toSorted()
    .join(' and ')

const ofGateway = ({ service, before, after }: Turn): Danger[] => {
  const [was, is] = [gatewaysOf(before), gatewaysOf(after)]
  return after === undefined || was === is
    ? []
    : [reach(service, `${service} would be found through ${is}, no longer through ${was}`, ['cluster', 'gateway'])]
}

const ofRedirect = (before: KubeObject, after: KubeObject | undefined): Danger[] => {
  const was = redirectOf(before)
  const is = after && redirectOf(after)
  const place = placeOf(redirectsName, was.index)
  if (is === undefined) return [reach(redirectsName, `${was.from} would lead nowhere, no longer to ${was.to}`, place)]
  return was.from === is.from && was.to === is.to
    ? []
    : [reach(redirectsName, `${is.from} would lead to ${is.to}; so far ${was.from} leads to ${was.to}`, place)]
}

const ofHome: Grader = ({ service, before, after }) => {
  if (after === undefined) return []
  const [was, is] = [rangesOf(before), rangesOf(after)]
  return was
    .filter((network) => !is.some((one) => holds(one, network)))
    .map((network) => reach(service, `${network} would no longer count as the home for ${service}`, ['cluster', 'lan']))
}

const ofService: Grader = ({ service, before, after }, situation) => {
  if (before === undefined || !isThere(situation.after, service)) return []
  const kept = new Set(groupsAt(after, 'spec', 'ports').map((port) => at(port, 'port')))
  const lost = groupsAt(before, 'spec', 'ports').some((port) => !kept.has(at(port, 'port')))
  return lost
    ? [reach(service, `other services would no longer be able to call ${service}`, placeOf(service, 'port'))]
    : []
}

const graders: ReadonlyMap<string, Grader> = new Map([
  ['NetworkPolicy', ofPolicy],
  ['HTTPRoute', ofHttpRoute],
  ['Middleware', ofHome],
  ['Service', ofService],
])
