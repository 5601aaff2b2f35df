import { type Estate, type RecordContent, recordObject, subjectOf } from '@homeslice/cluster'
import { identityOf, type KubeObject } from '@homeslice/render'

/** What became of a version: it is under way, it became ready, or why it did not. */
export type Verdict = 'pending' | 'ready' | `failed: ${string}`

/** A version that is about to be recorded. */
export type Draft = {
  /** Its service; `platform` for what services share. */
  readonly service: string
  /** Counts up from 1 within a service of an environment. */
  readonly number: number
  /** The hash of its objects. */
  readonly version: string
  readonly verdict: Verdict
  /** Identities of the ConfigMaps and Secrets that it reads. */
  readonly holds: readonly string[]
  /** The number of the version that it brings back. */
  readonly rolledBackTo?: number
}

/** A version as it is recorded. */
export type Release = Draft & {
  /** ISO 8601. */
  readonly time: string
  /** Such as `ana@desk`. */
  readonly who: string
  readonly images: readonly string[]
  /** What it changed, in words. */
  readonly changed: string
  /** False where its objects were too large to be kept with it. */
  readonly whole: boolean
  /** How long it took to start, where that was measured. */
  readonly startSeconds?: number
  /** True if the version before came back since this one did not become ready. */
  readonly wentBack: boolean
  /** Where it is recorded. */
  readonly record: KubeObject
}

/** What is said about a version besides its draft. */
export type Telling = Pick<Release, 'time' | 'who' | 'images' | 'changed' | 'whole'>

const key = (word: string): string => `homeslice.dev/${word}`
const list = (words: readonly string[]): string => words.join(',')
const listed = (text: string | undefined): string[] => (text ?? '').split(',').filter((word) => word !== '')

/** The record of a version. `data` holds its objects. */
export const recordOf = (estate: Estate, release: Draft & Telling, data: RecordContent['data']): KubeObject =>
  recordObject(
    { estate, service: release.service, number: release.number },
    {
      annotations: {
        [key('number')]: String(release.number),
        [key('version')]: release.version,
        [key('verdict')]: release.verdict,
        [key('time')]: release.time,
        [key('who')]: release.who,
        [key('images')]: list(release.images),
        [key('changed')]: release.changed,
        [key('holds')]: list(release.holds),
        ...(release.whole ? {} : { [key('whole')]: 'false' }),
        ...(release.rolledBackTo === undefined ? {} : { [key('rolled-back-to')]: String(release.rolledBackTo) }),
      },
      data,
    },
  )

/** What a record says about itself once it is known how its version is. */
export const verdictNote = ({
  verdict,
  wentBack,
  startSeconds,
}: Pick<Release, 'verdict' | 'wentBack' | 'startSeconds'>): RecordContent['annotations'] => ({
  [key('verdict')]: verdict,
  [key('went-back')]: String(wentBack),
  ...(startSeconds === undefined ? {} : { [key('start-seconds')]: String(startSeconds) }),
})

/** A version as its record tells it. */
export const releaseFrom = (record: KubeObject): Release => {
  const said = (word: string): string | undefined => record.metadata.annotations?.[key(word)]
  const { service, number } = subjectOf(record)
  const [back, start] = [said('rolled-back-to'), said('start-seconds')]
  return {
    service,
    number,
    version: said('version') ?? '',
    verdict: (said('verdict') ?? 'pending') as Verdict,
    holds: listed(said('holds')),
    ...(back === undefined ? {} : { rolledBackTo: Number(back) }),
    time: said('time') ?? '',
    who: said('who') ?? '',
    images: listed(said('images')),
    changed: said('changed') ?? '',
    whole: said('whole') !== 'false',
    ...(start === undefined ? {} : { startSeconds: Number(start) }),
    wentBack: said('went-back') === 'true',
    record,
  }
}

/** The ConfigMaps and Secrets among objects: what pods read by a name that changes with the content. */
export const holdsOf = (objects: readonly KubeObject[]): string[] =>
  objects.filter(({ kind }) => kind === 'ConfigMap' || kind === 'Secret').map(identityOf)

/** The images that pods of these objects run, each once. */
export const imagesOf = (objects: readonly KubeObject[]): string[] => [
  ...new Set(
    objects.flatMap(({ spec }) =>
      [...JSON.stringify(spec ?? {}).matchAll(/"image":"([^"]+)"/gu)].map(([, image = '']) => image),
    ),
  ),
]
