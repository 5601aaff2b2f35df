import { setTimeout as sleep } from 'node:timers/promises'
import { inWords, nameOf } from '@homeslice/plan'
import { type Estate, labelsOfEstate, systemNamespace } from './applyset.ts'
import type { Connection } from './connection.ts'
import { failure, type Failure, type Report } from './failure.ts'
import { probeName } from './fence.ts'
import { holderWords, isGone } from './holder.ts'
import { type Lease, readLease, writeLease } from './lease.ts'
import { many } from './many.ts'
import { markedBy } from './mark.ts'
import { applyObject, listAll, type Said, touchObject } from './objects.ts'
import { oldCopyIn } from './old-copy.ts'
import { listParents } from './parents.ts'
import { listRecords } from './records.ts'

/** Who wants to write, to what, and whom to tell. */
export type Candidate = {
  readonly estate: Estate
  readonly holder: string
  /** How long a holder may be silent before another takes over. */
  readonly seconds: number
  readonly report: Report
  readonly signal: AbortSignal | undefined
}

type Done = { readonly ok: true } | Failure

/**
 * Waits until nobody else writes, or whoever does is dead or silent for too long, and takes the lease. Silence is
 * measured by our own clock, from when we first saw this version of the lease: whatever time another clock wrote into
 * it says nothing.
 */
export const elect = async (connection: Connection, candidate: Candidate): Promise<Lease | Failure> => {
  const { estate, holder, seconds, report, signal } = candidate
  let watched = { version: '', since: 0 }
  while (signal?.aborted !== true) {
    const seen = await readLease(connection, `${estate.home}-${estate.env}`)
    if (!seen.ok) return seen
    const now = performance.now()
    if (seen.version !== watched.version) watched = { version: seen.version, since: now }
    const silent = now - watched.since >= seconds * 1000
    const free = seen.holder === '' || seen.holder === holder || isGone(seen.holder) || silent
    const taken = free ? await seize(connection, candidate, seen) : 'moved'
    if (taken !== 'moved') return taken
    const detail = `waiting for ${holderWords(seen.holder)}, which is at work`
    if (!free) report({ task: 'changes', state: 'progress', detail })
    await sleep(Math.min(250, seconds * 100), undefined, signal ? { signal } : {}).catch(() => undefined)
  }
  return failure('interrupted', 'interrupted; nothing was changed')
}

const seize = async (
  connection: Connection,
  { estate, holder, seconds }: Candidate,
  seen: Lease,
): Promise<Lease | 'moved' | Failure> => {
  const written = await writeLease(connection, { ...seen, holder, token: seen.token + 1 }, seconds)
  if (written === 'moved' || !written.ok) return written
  const known = await untilKnown(connection, `${written.name}/${written.token}`)
  if (!known.ok) return known
  const shut = seen.holder === '' ? known : await shutOut(connection, estate, seen)
  return shut.ok ? written : shut
}

/**
 * Keeps out a writer that did not let go and may still be about to write. The server refuses its writes by their token.
 * A delete has none, but names the version that it saw: so every object gets a new one.
 */
const shutOut = async (connection: Connection, estate: Estate, { name, token }: Lease): Promise<Done> => {
  const refused = await untilRefused(connection, `${name}/${token}`)
  if (!refused.ok) return refused
  const [members, parents, records] = await Promise.all([
    listAll(connection, labelsOfEstate(estate)),
    listParents(connection, estate),
    listRecords(connection, estate),
  ])
  if (!members.ok) return members
  if (!parents.ok) return parents
  if (!records.ok) return records
  const all = [...members.objects, ...parents.parents, ...records.records]
  const touched = await many(all, 16, async (object): Promise<Done> => {
    const said = await touchObject(connection, object, `${name}/${token + 1}`)
    if (said.ok || ('problem' in said && said.problem === 'missing')) return { ok: true }
    // Who was given a namespace and no right to it did not make it, and does not delete it.
    if (object.kind === 'Namespace' && 'kind' in said && said.forbidden === true) return { ok: true }
    return 'problem' in said ? failure('failed', `${inWords(nameOf(object))} cannot be touched: ${said.message}`) : said
  })
  return touched.find(({ ok }) => !ok) ?? { ok: true }
}

const refusalSeconds = 20

/** The server learns of a new token a moment after it was written: until then it refuses us. */
const untilKnown = async (connection: Connection, mark: string): Promise<Done> => {
  for (const end = performance.now() + refusalSeconds * 1000; ; await sleep(50)) {
    const said = await probe(connection, mark)
    if (said.ok || !('problem' in said)) return said
    const old = said.problem === 'late' ? oldCopyIn(said.message) : undefined
    if (old === undefined) return { ok: true }
    if (performance.now() > end) return old
  }
}

/** Waits until the server refuses the token before. */
const untilRefused = async (connection: Connection, mark: string): Promise<Done> => {
  for (const end = performance.now() + refusalSeconds * 1000; performance.now() < end; await sleep(50)) {
    const said = await probe(connection, mark)
    if (said.ok) continue
    if (!('problem' in said)) return said
    if (said.problem === 'late') return { ok: true }
  }
  return failure(
    'failed',
    `the cluster does not refuse writers that are late, within ${refusalSeconds} s`,
    'look at the fence: kubectl get validatingadmissionpolicies homeslice-writer -o yaml',
  )
}

/** Asks whether a writer with this mark is refused; writes nothing. */
const probe = (connection: Connection, mark: string): Promise<Said> =>
  applyObject(
    connection,
    markedBy(
      { mark },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: probeName,
          namespace: systemNamespace,
          labels: { 'app.kubernetes.io/managed-by': 'homeslice' },
        },
      },
    ),
    { dryRun: true },
  )
