import type { Connection } from './connection.ts'
import { textAt } from './json.ts'
import { getObject } from './objects.ts'

/** Where the Traefik of k3s takes its chart from, with the version of that; nothing where there is no such Traefik. */
export const readChart = async (connection: Connection): Promise<string | undefined> => {
  const metadata = { name: 'traefik', namespace: 'kube-system' }
  const there = await getObject(connection, { apiVersion: 'helm.cattle.io/v1', kind: 'HelmChart', metadata })
  return there.ok ? textAt(there.object, 'spec', 'chart') : undefined
}
