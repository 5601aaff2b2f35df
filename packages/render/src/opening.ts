import type { Home, Route, Who } from '@homeslice/config'
import type { KubeObject } from './object.ts'

/** Who may come in to a service, and where. */
export type Opening = {
  readonly who: Who
  /** Absent: at any name. */
  readonly host?: string
  /** A path prefix. */
  readonly path: string
}

/** The Middleware that lets in the networks of the home and nobody else. */
export const homeOnlyName = 'home-only'

/** Where a namespace says who may come in to its service, also where the route itself stays closed. */
const annotation = 'homeslice.dev/openings'

/** No host and no path prefix can hold it. */
const separator = ' | '

/** Said in so many words: a server keeps a note that is merely left out. */
const nobody = 'nobody'

/**
 * What a namespace says about its service's openings. It is written before any route: a run that is killed in between
 * leaves a mark of what was meant, and a route that still needs sign-in one of whom it is for. A route for a home of no
 * known network is for nobody yet.
 */
export const openingsNote = (routes: readonly Route[], { cluster }: Home): Record<string, string> => {
  const entries = routes
    .filter(({ who }) => who !== 'home' || cluster.lan.length > 0)
    .flatMap(({ who, host = '', paths }) => paths.map((path) => `${who} ${host}${path}`))
  return { [annotation]: entries.length > 0 ? entries.join(separator) : nobody }
}

/** The openings that a namespace speaks of. */
export const notedOpenings = ({ metadata }: KubeObject): Opening[] =>
  (metadata.annotations?.[annotation] ?? '').split(separator).flatMap((entry) => {
    const [, who, host = '', path] = /^(everyone|home|key|person) ([^/]*)(\/.*)$/u.exec(entry) ?? []
    return who === undefined || path === undefined ? [] : [{ who: who as Who, path, ...(host === '' ? {} : { host }) }]
  })

type Filter = { readonly extensionRef?: { readonly name?: string } }
type Rule = {
  readonly matches?: readonly { readonly path?: { readonly value?: string } }[]
  readonly filters?: readonly Filter[]
  readonly backendRefs?: readonly unknown[]
}

/** The openings that a route of the gateway makes; a redirect makes none. */
export const openingsOf = ({ spec }: KubeObject): Opening[] => {
  const { hostnames, rules = [] } = spec as { readonly hostnames?: readonly string[]; readonly rules?: readonly Rule[] }
  const hosts = hostnames?.map((host) => ({ host })) ?? [{}]
  return rules
    .filter(({ backendRefs }) => backendRefs !== undefined)
    .flatMap(({ matches = [{}], filters = [] }) =>
      matches.flatMap(({ path }) =>
        hosts.map((host): Opening => ({ who: guardedFor(filters), path: path?.value ?? '/', ...host })),
      ),
    )
}

/** A guard that is not ours lets in fewer than everyone; whom, only it knows. */
const guardedFor = (filters: readonly Filter[]): Who => {
  const guards = filters.flatMap(({ extensionRef }) => (extensionRef === undefined ? [] : [extensionRef.name]))
  if (guards.length === 0) return 'everyone'
  return guards.includes(homeOnlyName) ? 'home' : 'person'
}
