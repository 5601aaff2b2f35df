import type { IService } from 'kubernetes-models/v1/Service'
import { labelsOf, selectorOf } from './names.ts'
import { type KubeObject, object } from './object.ts'
import type { Workload } from './workload.ts'

/** The stable name in front of a service's pods: port 80 to the port where they listen. */
export const serviceObjects = ({ owner, namespace, service, ports, component }: Workload): KubeObject[] =>
  ports.length === 0
    ? []
    : [
        object<IService>({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: service.name, namespace, labels: labelsOf(owner, service.name, component) },
          spec: {
            type: 'ClusterIP',
            selector: selectorOf(service.name),
            ports: ports.map(({ name, port, target }) => ({ name, port, targetPort: target, protocol: 'TCP' })),
          },
        }),
      ]
