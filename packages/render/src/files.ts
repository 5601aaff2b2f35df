import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import type { ISecret } from 'kubernetes-models/v1/Secret'
import { labelsOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

/** The texts that a service reads, in ConfigMaps named by their content: a changed text is a new name, so pods restart. */
export const configMapObjects = ({ owner, namespace, configMaps }: Workload): KubeObject[] =>
  Object.entries(configMaps).map(([name, data]) =>
    object<IConfigMap>({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels: labelsOf(owner, name) },
      immutable: true,
      data,
    }),
  )

/** The secrets that a service reads, by name and version; their values are filled in as they are applied, never here. */
export const secretObjects = ({ owner, namespace, secrets, pullSecret }: Workload): KubeObject[] => {
  const secretObject = (name: string, type: string): KubeObject =>
    object<ISecret>({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, labels: labelsOf(owner, name) },
      type,
      immutable: true,
    })
  return [
    ...secrets.map((name) => secretObject(name, 'Opaque')),
    ...(pullSecret === undefined ? [] : [secretObject(pullSecret, 'kubernetes.io/dockerconfigjson')]),
  ]
}
