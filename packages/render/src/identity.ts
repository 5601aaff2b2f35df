import type { INamespace } from 'kubernetes-models/v1/Namespace'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { labelsOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

/** The Pod Security version that our namespaces are held to; a newer cluster must not tighten it by surprise. */
const podSecurityVersion = 'v1.30'

/** The namespace of a service, with the Pod Security level that its pods keep to. */
export const namespaceObject = ({ owner, namespace, service }: Workload): KubeObject => {
  const level = service.host?.network === true ? 'privileged' : service.run.level
  const modes = ['enforce', 'audit', 'warn'].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, level],
    [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
  ])
  return object<INamespace>({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { ...labelsOf(owner, namespace), ...Object.fromEntries(modes) } },
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
