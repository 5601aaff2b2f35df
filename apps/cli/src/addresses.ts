import type { Environment, Home, Service } from '@homeslice/config'
import { foldersFrom, status } from '@homeslice/sandbox'
import { sandboxName } from './cluster.ts'

/** Where the gateway answers on this machine; nothing for a cluster that is reached by its names. */
export type Gateway = { readonly http: number } | undefined

/** The gateway of a home's sandbox; nothing where it runs elsewhere or does not run. */
export const gatewayOf = async ({ cluster }: Home): Promise<Gateway> => {
  if (cluster.context !== undefined) return undefined
  const found = await status({ name: sandboxName, folders: foldersFrom(process.env) })
  return found.ok && found.status.running && found.status.ports ? { http: found.status.ports.http } : undefined
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
  if (route.host !== undefined)
    return `http://${route.host}${gateway && gateway.http !== 80 ? `:${gateway.http}` : ''}${path}`
  return gateway === undefined ? `http://${domain}${path}` : `http://127.0.0.1:${gateway.http}${path}`
}
