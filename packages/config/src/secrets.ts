import type { Environment } from './home.ts'

/** A secret that a service of the environment uses, and where the home file says so. */
export type UsedSecret = {
  readonly secret: string
  readonly service: string
  readonly path: readonly (string | number)[]
}

/** The names of secrets: with a version they fit a Kubernetes Secret. */
export const secretPattern = /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/u

/** Every use of a secret in an environment. */
export const secretsOf = ({ services }: Environment): UsedSecret[] =>
  Object.values(services).flatMap((service) =>
    (['env', 'files'] as const).flatMap((group) =>
      Object.entries(service[group]).flatMap(([key, value]) =>
        'secret' in value
          ? [{ secret: value.secret, service: service.name, path: ['services', service.name, group, key] }]
          : [],
      ),
    ),
  )
