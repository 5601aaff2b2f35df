import type { Environment } from './home.ts'

/** A secret that a service of the environment uses, and where the home file says so. */
export type UsedSecret = {
  readonly secret: string
  readonly service: string
  readonly path: readonly (string | number)[]
}

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
