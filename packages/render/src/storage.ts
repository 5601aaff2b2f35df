import type { IPersistentVolume } from 'kubernetes-models/v1/PersistentVolume'
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import type { Home } from '@homeslice/config'
import { contentName, labelsOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import { volumeName } from './pod.ts'
import type { Workload } from './workload.ts'

/** The volumes of a service, apart from its pods, so that nothing which replaces pods can take them along. */
export const storageObjects = (workload: Workload, { cluster }: Home): KubeObject[] => [
  ...Object.entries(workload.service.data).map(([path, volume]) =>
    claim(workload, path, volume.size, volume.class ?? cluster.storageClass),
  ),
  ...Object.entries(workload.service.host?.folders ?? {}).flatMap(([path, folder]) =>
    hostFolder(workload, path, folder),
  ),
]

const claim = (
  { owner, namespace }: Workload,
  path: string,
  storage: string,
  storageClassName: string | undefined,
): KubeObject =>
  object<IPersistentVolumeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: volumeName(path), namespace, labels: labelsOf(owner, volumeName(path)) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  })

/** What a host folder claims to hold: Kubernetes wants a number and does not keep anyone to it. */
const nominalSize = '1Gi'

/** A folder of the node as a volume made by hand: the pod itself stays free of host paths, as Pod Security demands. */
const hostFolder = ({ owner, namespace }: Workload, path: string, folder: string): KubeObject[] => {
  const name = volumeName(path)
  const volume = contentName(`${namespace}-${name}`, [namespace, name, folder].join(':'))
  return [
    object<IPersistentVolume>({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume, labels: labelsOf(owner, volume) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: nominalSize },
        persistentVolumeReclaimPolicy: 'Retain',
        claimRef: { namespace, name },
        hostPath: { path: folder, type: 'Directory' },
      },
    }),
    object<IPersistentVolumeClaim>({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, labels: labelsOf(owner, name) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: nominalSize } },
        storageClassName: '',
        volumeName: volume,
      },
    }),
  ]
}
