import {
  type Connection,
  type Estate,
  type Failure,
  lookedAt,
  membersOf,
  present,
  readRecord,
} from '@homeslice/cluster'
import { at, type Drift, driftOf, withoutObvious } from '@homeslice/plan'
import type { KubeObject } from '@homeslice/render'
import { newestFirst, ofService } from './keep.ts'
import { readHistory, setOfService } from './outlook.ts'
import { unpack } from './pack.ts'
import type { Release } from './release.ts'
import { runningOf } from './running.ts'

/** What others changed in an environment since it was applied. */
export type DriftSeen = {
  readonly ok: true
  readonly drift: readonly Drift[]
  /** Services of which it cannot be told, since their newest version was too large to be recorded. */
  readonly blind: readonly string[]
  /** How many objects were compared. */
  readonly objects: number
}

/** Whose drift is looked for. */
export type DriftLook = {
  readonly estate: Estate
  /** Whether Secrets are looked at too: only by their metadata, yet it takes the right to read them. */
  readonly secrets: boolean
}

/** Looks for drift. */
export type DriftLooker = (look: DriftLook) => Promise<DriftSeen | Failure>

/**
 * Compares what is there with the newest record of each service: with what was applied last, not with what a home file
 * says. Whoever looks again and again does so with one of these: it reads each record once.
 */
export const driftLooker = (connection: Connection): DriftLooker => {
  const read = recordReader(connection)
  return async ({ estate, secrets }) => {
    const history = await readHistory(connection, estate)
    if (!history.ok) return history
    const applied = await read(estate, history.history)
    if (!applied.ok) return applied
    const { objects, blind } = applied
    const found: Drift[] = []
    for (const kind of lookedAt({ secrets })) {
      const wanted = objects.filter((one) => one.kind === kind.kind && one.apiVersion === kind.apiVersion)
      const there = await present(connection, kind, { estate, wanted })
      if (!there.ok) return there
      found.push(...driftOf(wanted, there.objects))
    }
    if (found.length === 0) return { ok: true, drift: [], blind, objects: objects.length }
    const since = await readHistory(connection, estate)
    if (!since.ok) return since
    const drift = withoutObvious(found.filter(isSettled(history.history, since.history)))
    return { ok: true, drift, blind, objects: objects.length }
  }
}

/**
 * Whether what is found is drift, and not a run of ours at work: while it brings a version, objects come and go; and one
 * that came in the middle of the look had its version recorded first.
 */
export const isSettled = (
  before: readonly Release[],
  after: readonly Release[],
): ((drift: Pick<Drift, 'service' | 'change'>) => boolean) => {
  const newest = (history: readonly Release[], service: string): Release | undefined => {
    const own = ofService(history, service)
    // What services share is recorded together.
    return newestFirst(own.length > 0 ? own : ofService(history, 'platform'))[0]
  }
  return ({ service, change }) => {
    const [was, is] = [newest(before, service), newest(after, service)]
    if (was?.number !== is?.number || was?.verdict !== is?.verdict) return false
    return change !== 'deleted' || is?.verdict !== 'pending'
  }
}

type Applied = { readonly ok: true; readonly objects: readonly KubeObject[]; readonly blind: readonly string[] }

/** What was applied last, as records tell it. What a record holds never changes. */
const recordReader = (connection: Connection) => {
  let kept = new Map<string, readonly KubeObject[]>()
  const objectsIn = async (release: Release): Promise<{ ok: true; objects: readonly KubeObject[] } | Failure> => {
    const known = kept.get(keyOf(release))
    if (known !== undefined) return { ok: true, objects: known }
    const held = await readRecord(connection, release.record)
    return held.ok ? { ok: true, objects: unpack(held.record) ?? [] } : held
  }
  return async (estate: Estate, history: readonly Release[]): Promise<Applied | Failure> => {
    const next = new Map<string, readonly KubeObject[]>()
    const sets: Record<string, readonly KubeObject[]> = {}
    const services = servicesIn(history)
    for (const { service, releases } of services) {
      const parts: (readonly KubeObject[])[] = []
      for (const release of releases) {
        const read = await objectsIn(release)
        if (!read.ok) return read
        next.set(keyOf(release), read.objects)
        parts.push(read.objects)
      }
      sets[setOfService(estate, service)] = lastApplied(parts)
    }
    kept = next
    const blind = services.flatMap(({ service, releases }) => (releases.length === 0 ? [service] : []))
    return { ok: true, objects: membersOf({ sets }), blind }
  }
}

const keyOf = ({ record }: Release): string => `${record.metadata.name} ${String(record.metadata.uid)}`

/** The versions that tell what of a service was applied last: the newest, and the one before where that came back. */
const servicesIn = (history: readonly Release[]) =>
  [...new Set(history.map(({ service }) => service))].map((service) => {
    const [newest] = newestFirst(ofService(history, service))
    const releases = [newest, runningOf(history, service)].filter((one) => one !== undefined)
    return { service, releases: releases.every(({ whole }) => whole) ? [...new Set(releases)] : [] }
  })

/** A version that gave way to the one before did so only where that was stopped for it; all else of it stays. */
export const lastApplied = ([newest = [], before = []]: readonly (readonly KubeObject[])[]): KubeObject[] => {
  const back = before.filter(isStoppedFirst)
  return back.length === 0 ? [...newest] : [...newest.filter((one) => !isStoppedFirst(one)), ...back]
}

const isStoppedFirst = (object: KubeObject): boolean => at(object, 'spec', 'strategy', 'type') === 'Recreate'
