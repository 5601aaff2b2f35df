import type { Path } from '../problem.ts'
import { eachService, placeOf, type Rule, when } from './rule.ts'

/** A route for everyone, or without TLS, says why. */
export const openRoutesSayWhy: Rule = eachService((service, at) =>
  service.routes.flatMap(({ who, plain, because }, index) => [
    ...when(who === 'everyone' && because === undefined, () => ({
      path: at('routes', index),
      message: 'is open to everyone without saying why',
      fix: 'add `because`, or who: home',
    })),
    ...when(who !== 'everyone' && plain && because === undefined, () => ({
      path: at('routes', index),
      message: 'goes without TLS without saying why',
      fix: 'add `because`, or remove `plain`',
    })),
  ]),
)

/** Two routes on one host and path would shadow each other at the gateway; so would a redirect. */
export const routesAreUnique: Rule = (view) => {
  const taken = new Map<string, string>()
  const claim = (host: string | undefined, path: string, owner: string, place: Path) => {
    const address = `${host ?? ''}${path.replace(/(?<=.)\/+$/u, '')}`
    const holder = taken.get(address)
    taken.set(address, holder ?? owner)
    return when(holder !== undefined, () => ({
      path: place,
      message: `"${host ?? ''}${path}" is already taken by ${holder}`,
      fix: 'give it another path or host',
    }))
  }
  const routes = Object.values(view.environment.services).flatMap((service) =>
    service.routes.flatMap((route, index) =>
      route.paths.flatMap((path) =>
        claim(route.host, path, service.name, placeOf(view, service.name, 'routes', index)),
      ),
    ),
  )
  const redirects = view.environment.redirects.flatMap(({ host, path }, index) =>
    claim(host, path ?? '/', `redirect ${index + 1}`, ['redirects', index]),
  )
  return [...routes, ...redirects]
}

/** Names outside the domain of the environment would need a DNS and a certificate of their own. */
export const hostsAreOfTheDomain: Rule = (view) =>
  Object.values(view.environment.services).flatMap((service) =>
    service.routes.flatMap(({ host }, index) =>
      when(
        host !== undefined && host !== view.environment.domain && !host.endsWith(`.${view.environment.domain}`),
        () => ({
          path: placeOf(view, service.name, 'routes', index),
          message: `"${host}" lies outside ${view.environment.domain}, the domain of ${view.environment.name}`,
          fix: `use a name below it, such as ${service.name}.${view.environment.domain}`,
          ...(view.environment.name === 'prod' ? { warning: true as const } : {}),
        }),
      ),
    ),
  )

/** `..` in a path prefix never matches what the gateway sees. */
export const pathsAreClean: Rule = eachService((service, at) =>
  service.routes.flatMap(({ paths }, index) =>
    paths.flatMap((path) =>
      when(/(^|\/)\.{1,2}(\/|$)|\/\//u.test(path), () => ({
        path: at('routes', index),
        message: `"${path}" can never match: paths are cleaned before they are compared`,
        fix: 'write it without "..", "." and "//"',
      })),
    ),
  ),
)

/** A redirect has one address to leave and one whole URL to go to. */
export const redirectsGoSomewhere: Rule = ({ written }) =>
  (written.redirects ?? []).flatMap(({ path, host, to }, index) => [
    ...when((path === undefined) === (host === undefined), () => ({
      path: ['redirects', index],
      message: 'needs either a path or a host',
      fix: 'write one of the two',
    })),
    ...when(!isWholeUrl(to), () => ({
      path: ['redirects', index, 'to'],
      message: `"${to}" is no whole URL`,
      fix: 'write it like https://192.0.2.1:8443/',
    })),
    ...unsendable(to).map((what) => ({
      path: ['redirects', index, 'to'],
      message: `a redirect cannot lead to ${what}`,
      fix: 'write it like https://192.0.2.1:8443/path',
    })),
    ...when(isWholeUrl(to) && host !== undefined && new URL(to).host === host, () => ({
      path: ['redirects', index, 'to'],
      message: 'the redirect leads to itself',
      fix: 'send it to another host',
    })),
  ])

/** What the Gateway API has no words for in the address of a redirect. */
const unsendable = (to: string): string[] => {
  if (!isWholeUrl(to)) return []
  const { username, password, search, hash, hostname } = new URL(to)
  return [
    ...(username + password === '' ? [] : ['an address with a user name']),
    ...(search + hash === '' ? [] : ['an address with a query or a fragment']),
    ...(hostname.startsWith('[') ? ['an IPv6 address'] : []),
  ]
}

const isWholeUrl = (text: string): boolean => /^https?:\/\/[^/]/u.test(text) && URL.canParse(text)
