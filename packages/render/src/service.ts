import type { IService } from 'kubernetes-models/v1/Service'
import { labelsOf, selectorOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

/** The stable name in front of a service's pods: port 80 to the port where they listen. */
export const serviceObjects = ({ owner, namespace, service, ports, component, jobs }: Workload): KubeObject[] =>
  ports.length === 0
    ? []
    : [
        object<IService>({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name, component) },
          spec: {
            type: 'ClusterIP',
            // Pods of jobs carry the name too, and answer nobody.
            selector: {
              ...selectorOf(service.name),
              ...(jobs.length > 0 ? { 'app.kubernetes.io/component': component } : {}),
            },
            ports: ports.map(({ name, port, target }) => ({ name, port, targetPort: target, protocol: 'TCP' })),
          },
        }),
      ]
