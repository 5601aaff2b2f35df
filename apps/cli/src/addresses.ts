import type { Environment, Home, Service } from '@homeslice/config'
import type { Connection } from '@homeslice/cluster'
import { portsOf } from '@homeslice/sandbox'
import { sandboxName } from './cluster.ts'

/** Where the gateway answers: on a port of this machine, or at its own URL; nothing where neither is known. */
export type Gateway = { readonly http: number } | { readonly url: string } | undefined

/** The gateway of a home's sandbox; nothing where it does not run. */
export const sandboxGateway = (): { readonly http: number } | undefined => portsOf({ name: sandboxName })

/** The gateway of a home whose cluster has told its URL, if it tells one. */
export const gatewayAt = ({ cluster }: Home, url: string | undefined): Gateway => {
  if (cluster.context === undefined) return sandboxGateway()
  return url === undefined ? undefined : { url }
}

/** The gateway of a home, as its cluster tells it. */
export const gatewayOf = async (home: Home, connection: Connection): Promise<Gateway> => {
  const { context, gateway } = home.cluster
  if (context === undefined) return sandboxGateway()
  const { gatewayUrl } = await import('@homeslice/cluster')
  return gatewayAt(home, await gatewayUrl(connection, gateway))
}

/** The URL of a service's first open route, as reached from this machine; nothing if it has none. */
export const urlOf = (
  { routes }: Service,
  gateway: Gateway,
  { domain }: Pick<Environment, 'domain'>,
): string | undefined => {
  const route = routes.find(({ who }) => who === 'home' || who === 'everyone')
  const [path] = route?.paths ?? []
  if (route === undefined || path === undefined) return undefined
  return `${route.host === undefined ? addressOf(gateway, domain) : namedOf(gateway, route.host)}${path}`
}

/** A path route answers on the bare address; the name is all there is where no address is known. */
const addressOf = (gateway: Gateway, domain: string): string => {
  if (gateway === undefined) return `http://${domain}`
  return 'url' in gateway ? gateway.url : `http://127.0.0.1:${gateway.http}`
}

const namedOf = (gateway: Gateway, host: string): string => {
  if (gateway === undefined) return `http://${host}`
  if ('url' in gateway) return `${gateway.url.slice(0, gateway.url.indexOf(':'))}://${host}`
  return `http://${host}${gateway.http === 80 ? '' : `:${gateway.http}`}`
}

/** Whether the cluster has to be asked for the URL of a service. */
export const needsAddress = ({ routes }: Service, { cluster }: Home): boolean =>
  cluster.context !== undefined && routes.find(({ who }) => who === 'home' || who === 'everyone')?.host === undefined
