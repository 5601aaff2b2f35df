import { isIP } from 'node:net'
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute'
import type { Environment, Home, Redirect } from '@homeslice/config'
import { isOfInternet } from './edges.ts'
import { namespaceAt } from './identity.ts'
import { labelsOf, namespaceOf, type Owner, ownerIn, redirectsName as service } from './names.ts'
import { denyAll } from './network.ts'
import { type KubeObject, object } from './object.ts'
import { noPodsObject } from './quota.ts'
import { allowList, type ClosedRoute, homeOnly, type HttpRouteSpec, parentRefs, whyClosed } from './route.ts'

/** Redirects are for the people of the home. */
const guard = { who: 'home' } as const

/** Old addresses that send people on, in a namespace of their own where no pod may run. */
export const redirectObjects = (home: Home, environment: Environment): KubeObject[] => {
  if (environment.redirects.length === 0 || whyClosed(guard, home) !== undefined) return []
  const owner = ownerIn(home, environment)(service)
  return [
    namespaceAt(owner, 'restricted'),
    noPodsObject(owner),
    denyAll(owner),
    allowList(owner, home),
    ...environment.redirects.map((redirect, index) => redirectRoute(home, owner, { redirect, index })),
  ]
}

/** The redirects that stay closed. */
export const closedRedirects = (home: Home, environment: Environment): ClosedRoute[] => {
  const reason = whyClosed(guard, home)
  return reason === undefined ? [] : environment.redirects.map((_, route) => ({ service, route, reason }))
}

const leads = 'homeslice.dev/leads'
const outside = 'outside'

/** Whether a redirect says that it sends people to somebody else's machine. */
export const leadsOutside = ({ metadata }: KubeObject): boolean => metadata.annotations?.[leads] === outside

/** Names that mean something only at home, by their last part. */
const homeNames = /^[^.]+$|\.(local|lan|internal|home\.arpa)$/u

const isOutside = ({ hostname }: URL, home: Home): boolean => {
  if (isIP(hostname) !== 0) return isOfInternet(hostname, home)
  const own = Object.values(home.environments).some(
    ({ domain }) => hostname === domain || hostname.endsWith(`.${domain}`),
  )
  return !own && !homeNames.test(hostname)
}

type Numbered = { readonly redirect: Redirect; readonly index: number }

const redirectRoute = (home: Home, owner: Owner, { redirect, index }: Numbered): KubeObject => {
  const name = `redirect-${index + 1}`
  return object<IHTTPRoute>({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name,
      namespace: namespaceOf(owner),
      labels: labelsOf(owner, name),
      ...(isOutside(new URL(redirect.to), home) ? { annotations: { [leads]: outside } } : {}),
    },
    spec: {
      parentRefs: parentRefs(home),
      ...(redirect.host === undefined ? {} : { hostnames: [redirect.host] }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: redirect.path ?? '/' } }],
          filters: [homeOnly, filterTo(new URL(redirect.to))],
        },
      ],
    },
  })
}

type Filter = NonNullable<NonNullable<NonNullable<HttpRouteSpec['rules']>[number]>['filters']>[number]

const filterTo = (to: URL): Filter => {
  const secure = to.protocol === 'https:'
  return {
    type: 'RequestRedirect',
    requestRedirect: {
      scheme: secure ? 'https' : 'http',
      hostname: to.hostname,
      port: Number(to.port || (secure ? 443 : 80)),
      path: { type: 'ReplaceFullPath', replaceFullPath: to.pathname },
      statusCode: 301,
    },
  }
}
