import type { Environment, Service } from './home.ts'
import { anywhere, wiringOf } from './wiring.ts'

/** A secret that a service of the environment uses, and where the home file says so. */
export type UsedSecret = {
  readonly secret: string
  readonly service: string
  readonly path: readonly (string | number)[]
}

/** The names of secrets: with a version they fit a Kubernetes Secret. */
export const secretPattern = /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/u

/** Every use of a secret in an environment: what the home file gives to a service, and what the catalog wires to it. */
export const secretsOf = (environment: Environment): UsedSecret[] =>
  Object.values(environment.services).flatMap((service) => {
    const wired = wiredSecrets(service, environment)
    const named = namedFor(service, environment).filter(({ secret }) => wired.has(secret))
    return [...writtenIn(service), ...named].map((one) => ({ ...one, service: service.name }))
  })

type Place = Omit<UsedSecret, 'service'>

const writtenIn = (service: Service): Place[] =>
  (['env', 'files'] as const).flatMap((group) => placesIn(service[group], ['services', service.name, group]))

/** Where the home file names secrets for the catalog to wire: in the settings of a service, and as its devices' accounts. */
const namedFor = ({ name, use, devices }: Service, environment: Environment): Place[] => [
  ...placesIn(use?.settings, ['services', name, 'settings']),
  ...devices.flatMap((device) => placesIn(environment.devices[device]?.account, ['devices', device, 'account'])),
]

const placesIn = (value: unknown, path: UsedSecret['path']): Place[] => {
  if (typeof value !== 'object' || value === null) return []
  if ('secret' in value && typeof value.secret === 'string') return [{ secret: value.secret, path }]
  return Object.entries(value).flatMap(([key, one]) =>
    placesIn(one, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

/** What is read of what is named: less where simulators need no secret, or where the home file says otherwise. */
const wiredSecrets = (service: Service, environment: Environment): ReadonlySet<string> => {
  const wired = wiringOf(service, anywhere(environment))
  const all = (['env', 'files'] as const).flatMap((group) =>
    Object.entries(wired[group]).flatMap(([key, value]) =>
      typeof value === 'string' || Object.hasOwn(service[group], key) ? [] : [value.secret],
    ),
  )
  return new Set(all)
}
