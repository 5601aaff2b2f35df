import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import type { Cluster, Environment, Home, Redirect, Route, Who } from '@homeslice/config'
import { labelsOf, namespaceOf, ownerIn } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

/** A route that is not rendered, and why: what cannot be guarded stays closed. */
export type ClosedRoute = { readonly service: string; readonly route: number; readonly reason: string }

const middleware = 'home-only'

/** Whether a route can be guarded with what there is. `key` and `person` wait for a sign-in. */
const canGuard: Readonly<Record<Who, boolean>> = { everyone: true, home: true, key: false, person: false }

/** The routes of a service that are rendered. */
export const openRoutes = ({ service }: Workload): Route[] => service.routes.filter(({ who }) => canGuard[who])

/** The routes of a service that stay closed. */
export const closedRoutes = ({ service }: Workload): ClosedRoute[] =>
  service.routes.flatMap(({ who }, route) =>
    canGuard[who] ? [] : [{ service: service.name, route, reason: 'closed: needs sign-in' }],
  )

/** The ways in to a service through the gateway, with what guards them. */
export const routeObjects = (workload: Workload, { cluster }: Home): KubeObject[] => {
  const { owner, namespace, service } = workload
  const routes = openRoutes(workload)
  return [
    ...(routes.some(({ who }) => who === 'home') ? [allowList(labelsOf(owner, middleware), namespace, cluster)] : []),
    ...routes.map(({ host, paths, who }, index) => {
      const name = index === 0 ? service.name : `${service.name}-${index + 1}`
      return object<IHTTPRoute>({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'HTTPRoute',
        metadata: { name, namespace, labels: labelsOf(owner, name) },
        spec: {
          parentRefs: parentRefs(cluster),
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

type HttpRouteSpec = NonNullable<IHTTPRoute['spec']>
type Filter = NonNullable<NonNullable<NonNullable<HttpRouteSpec['rules']>[number]>['filters']>[number]

const homeOnly: Filter = {
  type: 'ExtensionRef',
  extensionRef: { group: 'traefik.io', kind: 'Middleware', name: middleware },
}

/** One listener if the home names it, else plain and TLS. */
const parentRefs = ({ gateway }: Cluster): NonNullable<HttpRouteSpec['parentRefs']> =>
  (gateway.section === undefined ? ['http', 'https'] : [gateway.section]).map((sectionName) => ({
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    namespace: gateway.namespace,
    name: gateway.name,
    sectionName,
  }))

/** Lets in the networks of the house and nobody else. */
const allowList = (labels: Record<string, string>, namespace: string, { lan }: Cluster): KubeObject => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'Middleware',
  metadata: { name: middleware, namespace, labels },
  spec: { ipAllowList: { sourceRange: [...lan] } },
})

/** Old addresses that send people on, in a namespace of their own where no pod runs. */
export const redirectObjects = (home: Home, environment: Environment): KubeObject[] => {
  if (environment.redirects.length === 0) return []
  const owner = ownerIn(home, environment)('redirects')
  const namespace = namespaceOf(owner)
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: namespace,
        labels: { ...labelsOf(owner, namespace), 'pod-security.kubernetes.io/enforce': 'restricted' },
      },
    },
    ...(home.cluster.lan.length > 0 ? [allowList(labelsOf(owner, middleware), namespace, home.cluster)] : []),
    ...environment.redirects.map((redirect, index) =>
      redirectRoute(home, {
        redirect,
        namespace,
        name: `redirect-${index + 1}`,
        labels: labelsOf(owner, `redirect-${index + 1}`),
      }),
    ),
  ]
}

type Placed = {
  readonly redirect: Redirect
  readonly namespace: string
  readonly name: string
  readonly labels: Record<string, string>
}

const redirectRoute = ({ cluster }: Home, { redirect, namespace, name, labels }: Placed): KubeObject => {
  const to = new URL(redirect.to)
  return object<IHTTPRoute>({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name, namespace, labels },
    spec: {
      parentRefs: parentRefs(cluster),
      ...(redirect.host === undefined ? {} : { hostnames: [redirect.host] }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: redirect.path ?? '/' } }],
          filters: [
            ...(cluster.lan.length > 0 ? [homeOnly] : []),
            {
              type: 'RequestRedirect',
              requestRedirect: {
                scheme: to.protocol === 'https:' ? 'https' : 'http',
                hostname: to.hostname,
                port: to.port === '' ? (to.protocol === 'https:' ? 443 : 80) : Number(to.port),
                path: { type: 'ReplaceFullPath', replaceFullPath: to.pathname },
                statusCode: 301,
              },
            },
          ],
        },
      ],
    },
  })
}
