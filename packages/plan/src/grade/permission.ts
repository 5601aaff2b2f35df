import { type KubeObject, secretIn } from '@homeslice/render'
import type { Danger } from '../change.ts'
import { at, groupsAt, numberAt, textAt } from '../group.ts'
import { type Grader, objectsOf, placeOf, type Situation, type Turn, workloadBefore } from '../situation.ts'
import { makesPods, podOf } from '../workload.ts'

/** Services that may do more than before: on their node, to the API server, with secrets. */
export const permission: Grader = (turn, situation) => {
  const { kind, service, before, after } = turn
  if (after === undefined) return []
  if (after.apiVersion.startsWith('rbac.'))
    return [more(service, `${service} would get rights in the cluster itself: ${kind}`)]
  if (makesPods(after)) return ofPods(service, workloadBefore(situation, service), after)
  return graders.get(kind)?.({ ...turn, before: before ?? nothing(after) }, situation) ?? []
}

/** What a thing that was not there has said so far. */
const nothing = ({ apiVersion, kind, metadata: { name } }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
})

const more = (service: string, words: string, ...rest: readonly string[]): Danger => ({
  grade: 'permission',
  service,
  words,
  at: placeOf(service, ...rest),
})

const levels = ['restricted', 'baseline', 'privileged']

const levelOf = (namespace: KubeObject | undefined): string =>
  namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'] ?? 'restricted'

const ofNamespace: Grader = ({ service, before, after }: Turn) => {
  const [was, is] = [levelOf(before), levelOf(after)]
  return levels.indexOf(is) > levels.indexOf(was)
    ? [more(service, `${service} may run at level ${is} instead of ${was}`, 'run')]
    : []
}

const hasToken = (object: unknown): boolean => at(object, 'automountServiceAccountToken') === true

const ofAccount: Grader = ({ service, before, after }: Turn) =>
  hasToken(after) && !hasToken(before) ? [token(service)] : []

const token = (service: string): Danger => more(service, `${service} would get a token to call the cluster's own API`)

/** A node's folder is a volume made by hand, under a name that changes with the folder. */
const ofVolume: Grader = ({ service, before, after }: Turn, situation: Situation) => {
  const [was, is] = [textAt(before, 'spec', 'hostPath', 'path'), textAt(after, 'spec', 'hostPath', 'path')]
  const had = objectsOf(situation.before, service).some((one) => textAt(one, 'spec', 'hostPath', 'path') === is)
  return is === was || had
    ? []
    : [more(service, `${service} would get the folder ${is} of its node`, 'host', 'folders')]
}

const graders: ReadonlyMap<string, Grader> = new Map([
  ['Namespace', ofNamespace],
  ['ServiceAccount', ofAccount],
  ['PersistentVolume', ofVolume],
])

const ofPods = (service: string, before: KubeObject | undefined, after: KubeObject): Danger[] => {
  const [was, is] = [podOf(before), podOf(after)]
  return [
    ...(rises(was, is, (pod) => at(pod, 'hostNetwork') === true)
      ? [
          more(
            service,
            `${service} would use its node's own network, where no network policy binds it`,
            'host',
            'network',
          ),
        ]
      : []),
    ...(rises(was, is, hasToken) ? [token(service)] : []),
    ...(rises(was, is, isRoot) ? [more(service, `${service} would run as root`, 'run', 'user')] : []),
    ...(rises(was, is, isPrivileged)
      ? [more(service, `${service} would have its node's devices and rights: it would be privileged`, 'run', 'level')]
      : []),
    ...ofSecrets(service, secretsOf(was), secretsOf(is)),
  ]
}

/** Whether something holds that did not hold before. */
const rises = (was: unknown, is: unknown, holds: (pod: unknown) => boolean): boolean => holds(is) && !holds(was)

const isRoot = (pod: unknown): boolean =>
  groupsAt(pod, 'containers').some(
    (container) =>
      at(container, 'securityContext', 'runAsNonRoot') === false &&
      numberAt(container, 'securityContext', 'runAsUser') === 0,
  )

const isPrivileged = (pod: unknown): boolean =>
  groupsAt(pod, 'containers').some((container) => at(container, 'securityContext', 'privileged') === true)

/** Each secret by where a pod reads it: a variable, or a file. */
type Reads = ReadonlyMap<string, Read>
type Read = { readonly secret: string; readonly group: 'env' | 'files' }

const secretsOf = (pod: unknown): Reads => {
  const secrets = new Map(
    groupsAt(pod, 'volumes')
      .map((volume) => [textAt(volume, 'name'), textAt(volume, 'secret', 'secretName')] as const)
      .filter(([, name]) => name !== ''),
  )
  const containers = groupsAt(pod, 'containers')
  const files = containers
    .flatMap((container) => groupsAt(container, 'volumeMounts'))
    .flatMap((mount) => {
      const name = secrets.get(textAt(mount, 'name'))
      return name === undefined
        ? []
        : [[textAt(mount, 'mountPath'), { secret: secretIn(name), group: 'files' }] as const]
    })
  const variables = containers
    .flatMap((container) => groupsAt(container, 'env'))
    .map((one) => [textAt(one, 'name'), textAt(one, 'valueFrom', 'secretKeyRef', 'name')] as const)
    .filter(([, name]) => name !== '')
    .map(([place, name]) => [place, { secret: secretIn(name), group: 'env' }] as const)
  return new Map<string, Read>([...files, ...variables])
}

const ofSecrets = (service: string, was: Reads, is: Reads): Danger[] =>
  [...is].flatMap(([place, { secret, group }]) => {
    const before = was.get(place)?.secret
    if (before === secret) return []
    if (before !== undefined)
      return [
        more(service, `${service} would read the secret ${secret} instead of ${before} as ${place}`, group, place),
      ]
    const had = [...was.values()].some((one) => one.secret === secret)
    return had ? [] : [more(service, `${service} would read the secret ${secret}`, group, place)]
  })
