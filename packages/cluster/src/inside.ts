import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { connectTo, type Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import type { Identify } from './http.ts'

/** Where a pod finds the API server, and where its token and the authority of that server lie. */
export type Inside = {
  /** `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, which every pod is given. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** @default /var/run/secrets/kubernetes.io/serviceaccount */
  readonly folder?: string
  readonly signal?: AbortSignal
}

/** Connects from a pod, as its service account. The token is read at each call: it is another one every hour. */
export const connectInside = async ({
  env,
  folder = '/var/run/secrets/kubernetes.io/serviceaccount',
  signal,
}: Inside): Promise<{ readonly ok: true; readonly connection: Connection } | Failure> => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (host === undefined || host === '') {
    const fix = 'run it in a pod, or set KUBERNETES_SERVICE_HOST to the address of the API server'
    return failure('unreachable', 'this is no pod of a cluster: KUBERNETES_SERVICE_HOST is not set', fix)
  }
  const identify: Identify = async () => {
    const [token, ca] = await Promise.all([
      readFile(join(folder, 'token'), 'utf8'),
      readFile(join(folder, 'ca.crt'), 'utf8'),
    ])
    return { ca, headers: { Authorization: `Bearer ${token.trim()}` } }
  }
  return connectTo(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`, identify, signal)
}
