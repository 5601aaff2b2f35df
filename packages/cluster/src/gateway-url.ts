import type { Connection } from './connection.ts'
import { type GatewayName, urlOfGateway } from './gateway-there.ts'
import { kindOf } from './kinds.ts'
import { getObject, listKind } from './objects.ts'

/**
 * Where a browser finds the Gateway of a home, such as `http://192.0.2.10`: by its own address, else by that of the
 * load balancer before it. Nothing where the cluster does not say.
 */
export const gatewayUrl = async (connection: Connection, name: GatewayName): Promise<string | undefined> => {
  const [gateway, services] = await Promise.all([
    readGateway(connection, name),
    listTraefik(connection, name, 'Service'),
  ])
  return gateway.ok ? urlOfGateway(gateway.object, name, services.ok ? services.objects : []) : undefined
}

/** The Gateway that a home names. */
export const readGateway = (connection: Connection, { namespace, name }: GatewayName) =>
  getObject(connection, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { namespace, name },
  })

/** The Services or Pods of the Traefik that serves a Gateway: they lie beside it. */
export const listTraefik = (connection: Connection, { namespace }: GatewayName, kind: 'Service' | 'Pod') =>
  listKind(connection, kindOf({ apiVersion: 'v1', kind }), { namespace, labels: 'app.kubernetes.io/name=traefik' })
