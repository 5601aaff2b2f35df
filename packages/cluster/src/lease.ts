import type { KubeObject } from '@homeslice/render'
import { systemNamespace } from './applyset.ts'
import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { leaseLabel } from './fence.ts'
import { numberAt, textAt } from './json.ts'
import { createObject, getObject, replaceObject } from './objects.ts'

/** What a lease says: who writes, by which token, and which version of the lease that was. */
export type Lease = {
  readonly ok: true
  readonly name: string
  /** Nobody if empty. */
  readonly holder: string
  /** Higher with each holder; 0 before the first. */
  readonly token: number
  /** Empty before the first holder. */
  readonly version: string
}

/** How a lease is now. */
export const readLease = async (connection: Connection, name: string): Promise<Lease | Failure> => {
  const none: Lease = { ok: true, name, holder: '', token: 0, version: '' }
  const said = await getObject(connection, leaseObject(none, 0))
  if (said.ok) return leaseFrom(said.object)
  if (!('problem' in said)) return said
  return said.problem === 'missing' ? none : failure('failed', `the lease ${name} cannot be read: ${said.message}`)
}

/** Writes a lease that still is as it was seen; `moved` when somebody was faster. `seconds`: how long it may be silent. */
export const writeLease = async (
  connection: Connection,
  lease: Lease,
  seconds: number,
): Promise<Lease | 'moved' | Failure> => {
  const object = leaseObject(lease, seconds)
  const said = await (lease.version === '' ? createObject(connection, object) : replaceObject(connection, object))
  if (said.ok) return leaseFrom(said.object)
  if (!('problem' in said)) return said
  return said.problem === 'conflict'
    ? 'moved'
    : failure('failed', `the lease ${lease.name} cannot be written: ${said.message}`)
}

const leaseFrom = (object: KubeObject): Lease => ({
  ok: true,
  name: object.metadata.name,
  holder: textAt(object, 'spec', 'holderIdentity'),
  token: numberAt(object, 'spec', 'leaseTransitions'),
  version: textAt(object, 'metadata', 'resourceVersion'),
})

/** The time in it is for people: nobody compares it with a clock of their own. */
const leaseObject = ({ name, holder, token, version }: Lease, seconds: number): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: {
    name,
    namespace: systemNamespace,
    labels: { [leaseLabel]: 'writer' },
    ...(version === '' ? {} : { resourceVersion: version }),
  },
  spec: {
    holderIdentity: holder,
    leaseTransitions: token,
    leaseDurationSeconds: Math.max(1, Math.ceil(seconds)),
    renewTime: new Date().toISOString().replace('Z', '000Z'),
  },
})
