import type { KubeObject } from '@homeslice/render'
import { at, groupsAt, numberAt, textAt } from './group.ts'
import { quantity } from './quantity.ts'

/** Whether an object makes pods. */
export const makesPods = ({ kind }: KubeObject): boolean => kind === 'Deployment' || kind === 'CronJob'

/** What makes the pods of a service, among its objects: its server, where it has jobs as well. */
export const workloadIn = (objects: readonly KubeObject[]): KubeObject | undefined =>
  objects.find(({ kind }) => kind === 'Deployment') ?? objects.find(makesPods)

/** The pods that an object makes; nothing where it makes none. */
export const podOf = (object: KubeObject | undefined): unknown =>
  at(object, 'spec', 'template', 'spec') ?? at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')

/** How many pods run at a time: one where nothing else is said. */
export const replicasOf = (object: KubeObject | undefined): number =>
  object === undefined ? 0 : Number(at(object, 'spec', 'replicas') ?? 1)

/** Where the pods of an object see each of their claims. */
export const mountsOf = (object: KubeObject | undefined): ReadonlyMap<string, string> => {
  const pod = podOf(object)
  const claims = new Map(
    groupsAt(pod, 'volumes')
      .map((volume) => [textAt(volume, 'name'), textAt(volume, 'persistentVolumeClaim', 'claimName')] as const)
      .filter(([, claim]) => claim !== ''),
  )
  return new Map(
    groupsAt(pod, 'containers')
      .flatMap((container) => groupsAt(container, 'volumeMounts'))
      .flatMap((mount): [string, string][] => {
        const claim = claims.get(textAt(mount, 'name'))
        return claim === undefined ? [] : [[claim, textAt(mount, 'mountPath')]]
      }),
  )
}

/** Memory of an object's pods together, in MiB: what they may use, or what they ask for. */
export const memoryOf = (object: KubeObject | undefined, sort: 'limits' | 'requests'): number =>
  replicasOf(object) * memoryOfPod(object, sort)

/** Memory of one pod of an object, in MiB. */
export const memoryOfPod = (object: KubeObject | undefined, sort: 'limits' | 'requests'): number => {
  const bytes = groupsAt(podOf(object), 'containers').map(
    (container) => quantity(textAt(container, 'resources', sort, 'memory')) ?? 0,
  )
  return bytes.reduce((sum, one) => sum + one, 0) / 2 ** 20
}

/** How long a pod may take to end, in seconds; the server's own default is 30. */
export const graceOf = (object: KubeObject): number => numberAt(podOf(object), 'terminationGracePeriodSeconds') || 30
