import type { INamespace } from 'kubernetes-models/v1/Namespace'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { Home, Run } from '@homeslice/config'
import { labelsOf, namespaceOf, type Owner } from './names.ts'
import { type KubeObject, object } from './object.ts'
import { openingsNote } from './opening.ts'
import type { Workload } from './workload.ts'

/** The Pod Security version that our namespaces are held to; a newer cluster must not tighten it by surprise. */
const podSecurityVersion = 'v1.36'

/** The namespace of a service: the Pod Security level that its pods keep to, and who may come in. */
export const namespaceObject = ({ owner, service }: Workload, home: Home): KubeObject =>
  namespaceAt(
    owner,
    service.host?.network === true ? 'privileged' : service.run.level,
    openingsNote(service.routes, home),
  )

/** A namespace of ours, held to a level of Pod Security. */
export const namespaceAt = (
  owner: Owner,
  level: Run['level'],
  annotations: Readonly<Record<string, string>> = {},
): KubeObject => {
  const namespace = namespaceOf(owner)
  const modes = ['enforce', 'audit', 'warn'].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, level],
    [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
  ])
  return object<INamespace>({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { ...labelsOf(owner, namespace), ...Object.fromEntries(modes) },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
  })
}

/** Whom the pods are to the API server: nobody with any right, and no token to say so. */
export const serviceAccountObject = ({ owner, namespace, service }: Workload): KubeObject =>
  object<IServiceAccount>({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name) },
    automountServiceAccountToken: false,
  })
