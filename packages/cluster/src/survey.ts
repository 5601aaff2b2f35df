import type { KubeObject } from '@homeslice/render'
import { allPowers, may, missingPowers } from './access.ts'
import { type Estate, labelsOfEstate } from './applyset.ts'
import type { Connection } from './connection.ts'
import { allOf, failure, type Failure } from './failure.ts'
import { gatewayLacks, type GatewayName, type Lack, urlOfGateway } from './gateway-there.ts'
import { listTraefik, readGateway } from './gateway-url.ts'
import { missingGround } from './ground.ts'
import { groupOf, kindOf } from './kinds.ts'
import { groupsAt } from './json.ts'
import { many } from './many.ts'
import { getObject, listKind } from './objects.ts'
import { type Power, powersFor, powersInWords } from './powers.ts'
import { type Held, heldRoutes } from './route-owners.ts'
import { classLacks } from './storage-class.ts'

/** What is looked at, before anything is written. */
export type Surveying = {
  readonly estate: Estate
  readonly desired: readonly KubeObject[]
  /** The Gateway that routes hang on; absent where the cluster is ours, and has all that we need. */
  readonly gateway?: GatewayName
}

/** Everything that would keep a rendering from coming about; empty lists if nothing would. */
export type Surveyed = {
  readonly ok: true
  readonly lacks: readonly Lack[]
  /** Addresses that somebody else has. */
  readonly held: readonly Held[]
  /** Where a browser finds the Gateway, as far as it was looked at and says so. */
  readonly url?: string
}

type Good = {
  readonly ok: true
  readonly lacks: readonly Lack[]
  readonly held?: readonly Held[]
  readonly url?: string
}
type Part = Good | Failure

const nothing: Part = { ok: true, lacks: [] }

/**
 * Looks at what a rendering needs of a cluster: kinds, a Gateway that takes our routes, storage classes, addresses that
 * nobody else has, and every right. For whoever may do everything this is one round of calls.
 */
export const survey = async (connection: Connection, surveying: Surveying): Promise<Surveyed | Failure> => {
  const { gateway } = surveying
  const parts = await Promise.all([
    lookAtRoutes(connection, surveying),
    ...(gateway === undefined
      ? []
      : [
          lookAtKinds(connection, surveying),
          lookAtGateway(connection, surveying.desired, gateway),
          lookAtClasses(connection, surveying),
          lookAtPowers(connection, surveying),
        ]),
  ])
  const seen = allOf(parts)
  if (!seen.ok) return seen
  const good = seen.all
  const [url] = good.flatMap((part) => part.url ?? [])
  return {
    ok: true,
    lacks: good.flatMap(({ lacks }) => lacks),
    held: good.flatMap(({ held = [] }) => held),
    ...(url === undefined ? {} : { url }),
  }
}

const askAdmin = 'ask whoever runs the cluster to apply what `homeslice doctor --rbac` prints'

const notAllowed = (power: Power): Part => ({
  ok: true,
  lacks: powersInWords([power]).map((words) => ({ about: 'rights', message: `you may not ${words}`, fix: askAdmin })),
})

const hasRoutes = ({ desired }: Pick<Surveying, 'desired'>): boolean => desired.some(({ kind }) => kind === 'HTTPRoute')

const routes = kindOf({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' })

/** Of all routes in the cluster: somebody else's may have one of our addresses. */
const lookAtRoutes = async (connection: Connection, surveying: Surveying): Promise<Part> => {
  if (!hasRoutes(surveying)) return nothing
  const { places: _, ...whole } = connection
  const listed = await listKind(whole, routes, {})
  if (listed.ok) return { ok: true, lacks: [], held: heldRoutes(surveying.desired, listed.objects, surveying.estate) }
  return listed.forbidden === true
    ? notAllowed({ verb: 'list', group: groupOf(routes), resource: routes.plural })
    : listed
}

/** Which program brings the kinds that Kubernetes does not have itself. */
const brought: Readonly<Record<string, string>> = {
  'gateway.networking.k8s.io/v1': 'the Gateway API',
  'traefik.io/v1alpha1': 'Traefik',
}

const lookAtKinds = async (connection: Connection, { desired }: Surveying): Promise<Part> => {
  const versions = Object.keys(brought).filter((one) => desired.some(({ apiVersion }) => apiVersion === one))
  const found = await many(versions, versions.length, async (version): Promise<Part> => {
    const answer = await connection.call({ method: 'GET', path: `/apis/${version}` })
    if ('ok' in answer) return answer
    if (answer.status !== 200 && answer.status !== 404) {
      const message = `the cluster does not say what ${version} has: ${answer.status}`
      return failure('failed', message, 'run it again; if it stays, look at the API server’s log')
    }
    const there = groupsAt(answer.body, 'resources').map(({ kind }) => kind)
    const used = new Set(desired.filter(({ apiVersion }) => apiVersion === version).map(({ kind }) => kind))
    const unknown = [...used].filter((kind) => !there.includes(kind))
    return {
      ok: true,
      lacks: unknown.map((kind) => ({
        about: 'gateway',
        message: `the cluster knows no ${kind} (${version})`,
        fix: `turn on ${brought[version]}; for k3s, \`homeslice doctor\` prints how`,
      })),
    }
  })
  return together(found)
}

const together = (parts: readonly Part[]): Part => {
  const seen = allOf(parts)
  return seen.ok ? { ok: true, lacks: seen.all.flatMap(({ lacks }) => lacks) } : seen
}

const lookAtGateway = async (
  connection: Connection,
  desired: readonly KubeObject[],
  name: GatewayName,
): Promise<Part> => {
  if (!hasRoutes({ desired })) return nothing
  const [there, services, pods] = await Promise.all([
    readGateway(connection, name),
    listTraefik(connection, name, 'Service'),
    listTraefik(connection, name, 'Pod'),
  ])
  if (there.ok) {
    const routed = new Set(desired.filter(({ kind }) => kind === 'HTTPRoute').map(({ metadata }) => metadata.namespace))
    const namespaces = desired.filter(({ kind, metadata }) => kind === 'Namespace' && routed.has(metadata.name))
    const url = urlOfGateway(there.object, name, services.ok ? services.objects : [])
    return {
      ok: true,
      lacks: [
        ...gatewayLacks(there.object, name, namespaces),
        ...(pods.ok && pods.objects.length === 0 ? [noTraefik(name)] : []),
      ],
      ...(url === undefined ? {} : { url }),
    }
  }
  if ('problem' in there) {
    const message = `there is no Gateway ${name.namespace}/${name.name}`
    const fix =
      'name yours in cluster.gateway: { namespace, name, section }; for k3s, `homeslice doctor` prints how to get one'
    return { ok: true, lacks: [{ about: 'gateway', message, fix }] }
  }
  return there.forbidden === true
    ? notAllowed({ verb: 'get', group: groupOf(routes), resource: 'gateways', namespace: name.namespace })
    : there
}

/** Network policy lets in pods, not Gateways. */
const noTraefik = ({ namespace, name }: GatewayName): Lack => ({
  about: 'gateway',
  message: `the Gateway ${name} lies in ${namespace}, where no pod has the label app.kubernetes.io/name: traefik`,
  fix: 'make the Gateway in the namespace of its Traefik, or network policy keeps that from every service',
})

const lookAtClasses = async (connection: Connection, { desired }: Surveying): Promise<Part> => {
  if (!desired.some(({ kind }) => kind === 'PersistentVolumeClaim')) return nothing
  const kind = kindOf({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' })
  const listed = await listKind(connection, kind, {})
  if (listed.ok) return { ok: true, lacks: classLacks(desired, listed.objects) }
  return listed.forbidden === true ? notAllowed({ verb: 'list', group: groupOf(kind), resource: kind.plural }) : listed
}

const lookAtPowers = async (connection: Connection, { desired, estate }: Surveying): Promise<Part> => {
  const all = await may(connection, allPowers)
  if (!all.ok) return all
  if (all.allowed) return nothing
  const namespaces = desired.filter(({ kind }) => kind === 'Namespace')
  const [there, laid] = await Promise.all([
    many(namespaces, 16, (namespace) => stateOf(connection, namespace, estate)),
    missingGround(connection),
  ])
  const broken = there.find((one) => typeof one !== 'string')
  if (broken !== undefined && typeof broken !== 'string') return broken
  if (!laid.ok && laid.forbidden !== true) return laid
  const named = (state: State): string[] =>
    namespaces.filter((_, index) => there[index] === state).map(({ metadata }) => metadata.name)
  const powers = powersFor({ desired, newNamespaces: named('new'), changedNamespaces: named('changed') })
  const found = await missingPowers(connection, [...powers, ...groundPowers(laid)])
  if (!found.ok) return found
  return {
    ok: true,
    lacks: powersInWords(found.missing).map((words) => ({
      about: 'rights',
      message: `you may not ${words}`,
      fix: askAdmin,
    })),
  }
}

type State = 'new' | 'changed' | 'same'

/** A namespace of others is refused later, in its own words. One that may not be looked at is taken to be missing. */
const stateOf = async (connection: Connection, namespace: KubeObject, estate: Estate): Promise<State | Failure> => {
  const there = await getObject(connection, namespace)
  if (!there.ok) return 'problem' in there || there.forbidden === true ? 'new' : there
  const ours = labelsOfEstate(estate)
  const labels = there.object.metadata.labels ?? {}
  const known = ours.split(',').every((pair) => labels[pair.split('=')[0] ?? ''] === pair.split('=')[1])
  const same = Object.entries(namespace.metadata.labels ?? {}).every(([key, value]) => labels[key] === value)
  return same || !known ? 'same' : 'changed'
}

const groundPowers = (laid: Awaited<ReturnType<typeof missingGround>>): Power[] => {
  const policies = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']
  const admission = (verb: string): Power[] =>
    policies.map((resource) => ({ verb, group: 'admissionregistration.k8s.io', resource }))
  if (!laid.ok) return admission('get')
  return laid.missing.flatMap(({ kind }): Power[] =>
    kind === 'Namespace'
      ? [{ verb: 'create', group: '', resource: 'namespaces' }]
      : [...admission('create'), ...admission('patch')],
  )
}
