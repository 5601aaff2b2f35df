import { createHash } from 'node:crypto'
import type { Environment, Home } from '@homeslice/config'

/** The limit of a DNS label, which most names are. */
const labelLimit = 63

/** Where an object belongs: its home, environment and service (or `platform`). */
export type Owner = { readonly home: string; readonly env: string; readonly service: string }

/** The namespace of one service of one environment. */
export const namespaceOf = ({ home, env, service }: Owner): string => `${home}-${env}-${service}`

/** The unit that is applied, recorded and removed together. */
export const setOf = ({ home, env, service }: Owner): string => `${home}-${env}-${service}`

/** What every object carries: who made it, for whom. */
export const labelsOf = (
  { home, env, service }: Owner,
  name: string,
  component = 'service',
): Record<string, string> => ({
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/managed-by': 'homeslice',
  'app.kubernetes.io/name': service,
  'app.kubernetes.io/part-of': home,
  'homeslice.dev/env': env,
  'homeslice.dev/home': home,
  'homeslice.dev/service': service,
  owner: home,
})

/** The version that an image names by its tag or digest, as a label; nothing where it names none. Never like a number. */
export const versionLabelOf = (image: string): Record<string, string> => {
  const digest = /@sha256:([0-9a-f]{12})/u.exec(image)?.[1]
  const tag = /:([\w.-]+)$/u.exec(image.slice(image.lastIndexOf('/') + 1))?.[1] ?? ''
  const text = digest === undefined ? tag : `sha256-${digest}`
  const version = `${/^[a-z]/iu.test(text) ? '' : 'v'}${text}`.slice(0, labelLimit).replace(/[^a-z0-9]+$/iu, '')
  return text === '' ? {} : { 'app.kubernetes.io/version': version }
}

/** What finds a service's pods. Frozen: Kubernetes refuses a changed selector, so a change would mean an outage. */
export const selectorOf = (service: string): Record<string, string> => ({ 'app.kubernetes.io/name': service })

/** A name that changes with the content, so that pods restart exactly when what they read has changed. */
export const contentName = (name: string, content: string): string => {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10)
  return `${name.slice(0, labelLimit - hash.length - 1)}-${hash}`
}

/** A path as part of a name: `/var/lib/x` becomes `var-lib-x`; where that is not unique, a hash makes it so. */
export const pathName = (path: string): string => {
  const words = path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
  const plain = `/${words.replaceAll('-', '/')}` === path && words.length <= 40
  return plain ? words : contentName(words.slice(0, 40), path)
}

/**
 * A version of a secret: its number, and what tells it from the same number of another vault, or of the same vault before
 * it was turned back: `3-9f02ac`.
 */
export type SecretVersion = number | `${number}-${string}`

/** The Secret that holds one version of a secret. Version 0 is a secret that the vault does not have. */
export const secretNameOf = (secret: string, version: SecretVersion): string => `${secret}-v${version}`

/** The secret that a Secret holds a version of. */
export const secretIn = (name: string): string => name.replace(/-v\d+(-[0-9a-f]{6})?$/u, '')

/** The name under which a service is found in the cluster. */
export const hostOf = (owner: Owner): string => `${owner.service}.${namespaceOf(owner)}.svc.cluster.local`

/** The service that stands in for a simulated device. */
export const simulatorOf = (device: string): string => `device-${device}`

/** The device that a service stands in for; nothing for a service of the home. */
export const simulatedBy = (service: string): string | undefined =>
  service.startsWith('device-') ? service.slice('device-'.length) : undefined

/** What stands for redirects where services stand. */
export const redirectsName = 'redirects'

/** An owner within an environment. */
export const ownerIn =
  (home: Home, environment: Environment) =>
  (service: string): Owner => ({ home: home.name, env: environment.name, service })
