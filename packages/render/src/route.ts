import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import type { Home, Route } from '@homeslice/config'
import { labelsOf, namespaceOf, type Owner } from './names.ts'
import { type KubeObject, object } from './object.ts'
import { homeOnlyName } from './opening.ts'
import type { Workload } from './workload.ts'

/** A route that is not rendered, and why: what cannot be guarded stays closed. */
export type ClosedRoute = { readonly service: string; readonly route: number; readonly reason: string }

/** Why a route for them cannot be guarded with what there is; nothing if it can. */
export const whyClosed = ({ who }: Pick<Route, 'who'>, { cluster }: Home): string | undefined => {
  if (who === 'key' || who === 'person') return 'closed: needs sign-in'
  return who === 'home' && cluster.lan.length === 0 ? 'closed: needs cluster.lan, the networks of the home' : undefined
}

/** The routes of a service that are rendered. */
export const openRoutes = ({ service }: Workload, home: Home): Route[] =>
  service.routes.filter((route) => whyClosed(route, home) === undefined)

/** The routes of a service that stay closed. */
export const closedRoutes = ({ service }: Workload, home: Home): ClosedRoute[] =>
  service.routes.flatMap((one, route) => {
    const reason = whyClosed(one, home)
    return reason === undefined ? [] : [{ service: service.name, route, reason }]
  })

/** The ways in to a service through the gateway, with what guards them. */
export const routeObjects = (workload: Workload, home: Home): KubeObject[] => {
  const { owner, namespace, service } = workload
  const routes = openRoutes(workload, home)
  return [
    ...(routes.some(({ who }) => who === 'home') ? [allowList(owner, home)] : []),
    ...routes.map(({ host, paths, who }, index) => {
      const name = index === 0 ? service.name : `${service.name}-${index + 1}`
      return object<IHTTPRoute>({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name, namespace, labels: labelsOf(owner, name) },
        spec: {
          parentRefs: parentRefs(home),
          ...(host === undefined ? {} : { hostnames: [host] }),
          rules: [
            {
              matches: paths.map((value) => ({ path: { type: 'PathPrefix', value } })),
              ...(who === 'home' ? { filters: [homeOnly] } : {}),
              backendRefs: [{ group: '', kind: 'Service', name: service.name, port: 80, weight: 1 }],
            },
          ],
        },
      })
    }),
    ...elsewhere(workload, home),
  ]
}

/** Every name below the domain that another environment answers at. */
const namesOfOthers = ({ environments }: Home, env: string): string[] => {
  const parents = Object.values(environments)
    .filter(({ name, domain }) => name !== env && domain.includes('.'))
    .map(({ domain }) => `*${domain.slice(domain.indexOf('.'))}`)
  return [...new Set(parents)]
}

/**
 * A path on the bare address answers at any name. Traefik goes by the longest path before it looks at the name, so the
 * name of another environment would lead here wherever that one has nothing at this path, or is not up: a hand on
 * staging would press prod's lights. So at those names the same paths lead nowhere; what another environment has there
 * itself comes before that, since its name is longer than the pattern.
 */
const elsewhere = (workload: Workload, home: Home): KubeObject[] => {
  const { owner, namespace } = workload
  const paths = openRoutes(workload, home).flatMap((route) => (route.host === undefined ? route.paths : []))
  const hostnames = namesOfOthers(home, owner.env)
  if (paths.length === 0 || hostnames.length === 0) return []
  return [
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      metadata: { name: nobodyName, namespace, labels: labelsOf(owner, nobodyName) },
      // No client has this address.
      spec: { ipAllowList: { sourceRange: ['255.255.255.255/32'], rejectStatusCode: 404 } },
    },
    object<IHTTPRoute>({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: elsewhereName, namespace, labels: labelsOf(owner, elsewhereName) },
      spec: {
        parentRefs: parentRefs(home),
        hostnames,
        rules: [
          {
            matches: paths.map((value) => ({ path: { type: 'PathPrefix', value } })),
            filters: [{ type: 'ExtensionRef', extensionRef: { ...homeOnly.extensionRef, name: nobodyName } }],
          },
        ],
      },
    }),
  ]
}

const elsewhereName = 'elsewhere'
const nobodyName = 'nobody'

/** The spec of an HTTPRoute. */
export type HttpRouteSpec = NonNullable<IHTTPRoute['spec']>
type Filter = NonNullable<NonNullable<NonNullable<HttpRouteSpec['rules']>[number]>['filters']>[number]

/** Sends a request past the allow list of its namespace. */
export const homeOnly = {
  type: 'ExtensionRef',
  extensionRef: { group: 'traefik.io', kind: 'Middleware', name: homeOnlyName },
} as const satisfies Filter

/** The listeners that a route hangs on: one if the home names it, else plain and TLS. */
export const parentRefs = ({ cluster: { gateway } }: Home): NonNullable<HttpRouteSpec['parentRefs']> =>
  (gateway.section === undefined ? ['http', 'https'] : [gateway.section]).map((sectionName) => ({
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    namespace: gateway.namespace,
    name: gateway.name,
    sectionName,
  }))

/** Lets in the networks of the house and nobody else. */
export const allowList = (owner: Owner, { cluster }: Home): KubeObject => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { name: homeOnlyName, namespace: namespaceOf(owner), labels: labelsOf(owner, homeOnlyName) },
  spec: { ipAllowList: { sourceRange: [...cluster.lan] } },
})
