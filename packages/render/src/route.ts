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
  ]
}

/** The spec of an HTTPRoute. */
export type HttpRouteSpec = NonNullable<IHTTPRoute['spec']>
type Filter = NonNullable<NonNullable<NonNullable<HttpRouteSpec['rules']>[number]>['filters']>[number]

/** Sends a request past the allow list of its namespace. */
export const homeOnly: Filter = {
  type: 'ExtensionRef',
  extensionRef: { group: 'traefik.io', kind: 'Middleware', name: homeOnlyName },
}

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
