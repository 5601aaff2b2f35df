import type { Environment, Home, Service } from '@homeslice/config'
import { portsOf } from '@homeslice/sandbox'
import { sandboxName } from './cluster.ts'

/** Where the gateway answers on this machine; nothing for a cluster that is reached by its names. */
export type Gateway = { readonly http: number } | undefined

/** The gateway of a home's sandbox; nothing where it runs elsewhere or does not run. */
export const gatewayOf = ({ cluster }: { readonly cluster: Pick<Home['cluster'], 'context'> }): Gateway =>
  cluster.context === undefined ? portsOf({ name: sandboxName }) : undefined

/** The URL of a service's first open route, as reached from this machine; nothing if it has none. */
export const urlOf = (
  { routes }: Service,
  gateway: Gateway,
  { domain }: Pick<Environment, 'domain'>,
): string | undefined => {
  const route = routes.find(({ who }) => who === 'home' || who === 'everyone')
  const [path] = route?.paths ?? []
  if (route === undefined || path === undefined) return undefined
  if (route.host !== undefined)
    return `http://${route.host}${gateway && gateway.http !== 80 ? `:${gateway.http}` : ''}${path}`
  return gateway === undefined ? `http://${domain}${path}` : `http://127.0.0.1:${gateway.http}${path}`
}
