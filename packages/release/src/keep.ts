import type { Draft, Release } from './release.ts'

/** How many versions of a service are kept. */
export const keptVersions = 20

/** The newest first. */
export const newestFirst = <One extends Pick<Draft, 'number'>>(all: readonly One[]): One[] =>
  all.toSorted((a, b) => b.number - a.number)

/**
 * Which versions of one service are kept: the newest ones, and in any case the last one that was ready, which may be what
 * still serves after twenty that failed.
 */
export const kept = <One extends Pick<Draft, 'number' | 'verdict'>>(all: readonly One[]): One[] => {
  const sorted = newestFirst(all)
  const newest = sorted.slice(0, keptVersions)
  const lastReady = sorted.find(({ verdict }) => verdict === 'ready')
  if (lastReady === undefined || newest.includes(lastReady)) return newest
  return [...newest.slice(0, -1), lastReady]
}

/** A service as it is wanted: the hash of its objects, and the ConfigMaps and Secrets that they name. */
export type Wanted = Pick<Draft, 'service' | 'version' | 'holds' | 'rolledBackTo'>

/** What the records of an environment come to. */
export type Books = {
  /** To be written before anything else is. */
  readonly drafts: readonly Draft[]
  /** The newest version of each wanted service that is recorded already. */
  readonly current: readonly Release[]
  /** Versions that were under way when another one came. */
  readonly overtaken: readonly Release[]
  /** Records that go. */
  readonly dropped: readonly Release[]
  /** Identities of the ConfigMaps and Secrets that stay for versions that are kept. */
  readonly holds: ReadonlySet<string>
}

/**
 * Books what is wanted: a new version of each service whose objects are not those of its newest one, or which goes back
 * to an older one.
 */
export const book = (history: readonly Release[], wanted: readonly Wanted[]): Books => {
  const services = wanted.map((one) => bookService(newestFirst(ofService(history, one.service)), one))
  return {
    drafts: services.flatMap(({ draft }) => draft ?? []),
    current: services.flatMap(({ current }) => current ?? []),
    overtaken: services.flatMap(({ overtaken }) => overtaken),
    dropped: services.flatMap(({ dropped }) => dropped),
    holds: new Set(services.flatMap(({ holds }) => holds)),
  }
}

/** The versions of one service. */
export const ofService = (history: readonly Release[], service: string): Release[] =>
  history.filter((release) => release.service === service)

/** Versions of services that are wanted no longer: they go with everything else of theirs. */
export const gone = (history: readonly Release[], wanted: readonly Wanted[]): Release[] => {
  const services = new Set(wanted.map(({ service }) => service))
  return history.filter(({ service }) => !services.has(service))
}

/** How long each service took to start when that was measured last. */
export const startSecondsIn = (history: readonly Release[]): Map<string, number> =>
  // The oldest first, so that the newest counts.
  new Map(
    newestFirst(history)
      .toReversed()
      .flatMap(({ service, startSeconds }) => (startSeconds === undefined ? [] : [[service, startSeconds]])),
  )

const bookService = (releases: readonly Release[], wanted: Wanted) => {
  const [newest] = releases
  const isNew = newest?.version !== wanted.version || wanted.rolledBackTo !== undefined
  const draft: Draft | undefined = isNew
    ? { ...wanted, number: (newest?.number ?? 0) + 1, verdict: 'pending' }
    : undefined
  const stays = new Set<Draft>(kept<Draft>([...(draft ? [draft] : []), ...releases]))
  return {
    draft,
    current: isNew ? undefined : newest,
    overtaken: releases.filter((one) => one.verdict === 'pending' && (isNew || one !== newest) && stays.has(one)),
    dropped: releases.filter((one) => !stays.has(one)),
    holds: [...stays].flatMap(({ holds }) => holds),
  }
}
