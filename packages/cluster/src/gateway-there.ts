import type { KubeObject } from '@homeslice/render'
import { at, type Group, groupsAt, textAt } from './json.ts'

/** The Gateway that routes hang on, as a home names it. */
export type GatewayName = { readonly namespace: string; readonly name: string; readonly section?: string }

/** Something that a cluster lacks, and what to do about it. */
export type Lack = {
  readonly about: 'gateway' | 'rights' | 'storage'
  readonly message: string
  readonly fix: string
}

/** Listeners that a route hangs on: the one that the home names, else those for plain and for TLS. */
const sectionsOf = ({ section }: GatewayName): string[] => (section === undefined ? ['http', 'https'] : [section])

const wanted = (gateway: KubeObject, name: GatewayName): Group[] =>
  groupsAt(gateway, 'spec', 'listeners').filter((listener) => sectionsOf(name).includes(textAt(listener, 'name')))

/** Why the routes of these namespaces would not be served by a Gateway; nothing if they would be. */
export const gatewayLacks = (
  gateway: KubeObject,
  name: GatewayName,
  namespaces: readonly KubeObject[],
): readonly Lack[] => {
  const words = `the Gateway ${name.namespace}/${name.name}`
  const there = groupsAt(gateway, 'spec', 'listeners').map((listener) => textAt(listener, 'name'))
  const listeners = wanted(gateway, name)
  if (listeners.length === 0) {
    return [
      {
        about: 'gateway',
        message: `${words} has no listener ${sectionsOf(name).join(' or ')}`,
        fix: `name one of its listeners in cluster.gateway.section: ${there.join(', ')}`,
      },
    ]
  }
  return [...notProgrammed(gateway, words), ...listeners.flatMap((listener) => shutOut(listener, words, namespaces))]
}

const notProgrammed = (gateway: KubeObject, words: string): Lack[] => {
  const programmed = groupsAt(gateway, 'status', 'conditions').find(({ type }) => type === 'Programmed')
  if (programmed?.status === 'True') return []
  const why = textAt(programmed, 'message') || 'no controller has taken it up'
  return [
    {
      about: 'gateway',
      message: `${words} does not work: ${why}`,
      fix: 'look at it: its class, and the log of the program that serves that',
    },
  ]
}

const shutOut = (listener: Group, words: string, namespaces: readonly KubeObject[]): Lack[] => {
  const name = textAt(listener, 'name')
  const kinds = groupsAt(listener, 'allowedRoutes', 'kinds').map(({ kind }) => kind)
  if (kinds.length > 0 && !kinds.includes('HTTPRoute')) {
    return [
      {
        about: 'gateway',
        message: `the listener ${name} of ${words} takes no HTTPRoute`,
        fix: 'name another listener of it',
      },
    ]
  }
  const kept = namespaces.filter((namespace) => !isLetIn(listener, namespace)).map(({ metadata }) => metadata.name)
  const [first, ...others] = kept
  if (first === undefined) return []
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return [
    {
      about: 'gateway',
      message: `the listener ${name} of ${words} takes no routes from ${first}${more}`,
      fix: 'let it: allowedRoutes: { namespaces: { from: All } }, or a selector of homeslice.dev/home',
    },
  ]
}

/** Without a word on it, a listener takes routes of its own namespace only, where none of ours is. */
const isLetIn = (listener: Group, { metadata }: KubeObject): boolean => {
  const from = textAt(listener, 'allowedRoutes', 'namespaces', 'from')
  const labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  return (
    from === 'All' || (from === 'Selector' && selects(at(listener, 'allowedRoutes', 'namespaces', 'selector'), labels))
  )
}

const selects = (selector: unknown, labels: Readonly<Record<string, string>>): boolean => {
  const wantedLabels = Object.entries((at(selector, 'matchLabels') ?? {}) as Record<string, string>)
  return (
    wantedLabels.every(([key, value]) => labels[key] === value) &&
    groupsAt(selector, 'matchExpressions').every((expression) => fits(expression, labels))
  )
}

const fits = (expression: Group, labels: Readonly<Record<string, string>>): boolean => {
  const value = labels[textAt(expression, 'key')]
  const values = (at(expression, 'values') ?? []) as readonly string[]
  const operators: Readonly<Record<string, boolean>> = {
    In: value !== undefined && values.includes(value),
    NotIn: value === undefined || !values.includes(value),
    Exists: value !== undefined,
    DoesNotExist: value === undefined,
  }
  return operators[textAt(expression, 'operator')] ?? false
}

/** Where a browser finds a Gateway: its address, or that of the Service before it; nothing if neither says. */
export const urlOfGateway = (
  gateway: KubeObject,
  name: GatewayName,
  services: readonly KubeObject[],
): string | undefined => {
  const balancer = services.find(
    (service) =>
      at(service, 'spec', 'type') === 'LoadBalancer' &&
      groupsAt(service, 'status', 'loadBalancer', 'ingress').length > 0,
  )
  const [own] = groupsAt(gateway, 'status', 'addresses').map((address) => textAt(address, 'value'))
  const [before] = groupsAt(balancer, 'status', 'loadBalancer', 'ingress').map(
    (ingress) => textAt(ingress, 'ip') || textAt(ingress, 'hostname'),
  )
  const address = own ?? before
  if (address === undefined || address === '') return undefined
  const protocols = wanted(gateway, name).map(({ protocol }) => protocol)
  const secure = protocols.length > 0 && protocols.every((protocol) => protocol === 'HTTPS')
  return `${secure ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}`
}
