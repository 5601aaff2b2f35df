import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { labelsOf } from '../names.ts'
import { type KubeObject, object } from '../object.ts'
import type { Workload } from '../workload.ts'

/** Where the keeper writes what it saw last; the one thing that it may write at all. */
export const seenName = 'keeper'

/** The name under which the keeper writes. */
export const keeperManager = 'homeslice-keeper'

/** Says of an object whose content is somebody else's to fill in who that is, by field manager. */
export const filledByKey = 'homeslice.dev/filled-by'

/** The place for what the keeper saw: ours, and its content the keeper's. */
export const seenObject = ({ owner, namespace }: Pick<Workload, 'owner' | 'namespace'>): KubeObject =>
  object<IConfigMap>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: seenName,
      namespace,
      labels: labelsOf(owner, seenName, 'keeper'),
      annotations: { [filledByKey]: keeperManager },
    },
  })
