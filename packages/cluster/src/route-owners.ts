import type { KubeObject } from '@homeslice/render'
import { type Estate } from './applyset.ts'
import { type Group, groupsAt, textAt, at } from './json.ts'

/** A host and path on a Gateway that another one's route holds. */
export type Held = { readonly address: string; readonly holder: string; readonly wantedBy: string }

type Claim = {
  readonly gateway: string
  readonly section: string
  readonly address: string
  readonly route: KubeObject
}

/**
 * The addresses of a rendering that are held by routes of somebody else: of two routes for one address a Gateway serves
 * the older one, and the other one never.
 */
export const heldRoutes = (
  desired: readonly KubeObject[],
  live: readonly KubeObject[],
  { home, env }: Estate,
): readonly Held[] => {
  const isOurs = ({ metadata: { labels = {} } }: KubeObject): boolean =>
    labels['homeslice.dev/home'] === home && labels['homeslice.dev/env'] === env
  const claims = live.flatMap(claimsOf)
  const [ours, theirs] = [claims.filter(({ route }) => isOurs(route)), claims.filter(({ route }) => !isOurs(route))]
  return desired
    .flatMap(claimsOf)
    .flatMap((claim) => {
      const own = ours.find((one) => meets(claim, one))
      const other = theirs.find((one) => meets(claim, one) && (own === undefined || bornOf(one) < bornOf(own)))
      if (other === undefined) return []
      return [{ address: claim.address, holder: holderOf(other.route), wantedBy: claim.route.metadata.name }]
    })
    .filter((held, index, all) => all.findIndex(({ address }) => address === held.address) === index)
}

const bornOf = ({ route }: Claim): string => textAt(route, 'metadata', 'creationTimestamp')

const meets = (a: Claim, b: Claim): boolean =>
  a.gateway === b.gateway &&
  a.address === b.address &&
  (a.section === b.section || a.section === '' || b.section === '')

const holderOf = ({ metadata: { name, namespace, labels = {} } }: KubeObject): string => {
  const home = labels['homeslice.dev/home']
  const route = `HTTPRoute ${namespace}/${name}`
  return home === undefined ? route : `the home ${home} (${labels['homeslice.dev/env']}), by ${route}`
}

/** Each way in that a route asks for: Gateway, listener, host and path. What asks for a header or a method besides is another. */
const claimsOf = (route: KubeObject): Claim[] => {
  if (route.kind !== 'HTTPRoute') return []
  const hosts = (at(route, 'spec', 'hostnames') ?? ['']) as readonly string[]
  const paths = groupsAt(route, 'spec', 'rules').flatMap(pathsOf)
  return groupsAt(route, 'spec', 'parentRefs').flatMap((parent) =>
    hosts.flatMap((host) =>
      paths.map((path) => ({
        gateway: `${textAt(parent, 'namespace') || route.metadata.namespace}/${textAt(parent, 'name')}`,
        section: textAt(parent, 'sectionName'),
        address: `${host}${path}`,
        route,
      })),
    ),
  )
}

const pathsOf = (rule: Group): string[] => {
  const matches = groupsAt(rule, 'matches')
  if (matches.length === 0) return ['/']
  return matches.flatMap((match) => {
    const narrower = ['headers', 'queryParams', 'method'].some((key) => at(match, key) !== undefined)
    const type = textAt(match, 'path', 'type') || 'PathPrefix'
    if (narrower || type !== 'PathPrefix') return []
    return [(textAt(match, 'path', 'value') || '/').replace(/(?<=.)\/+$/u, '')]
  })
}
