import type { KubeObject } from '@homeslice/render'
import { at, groupsAt } from './group.ts'
import { mountsOf } from './workload.ts'

/** What changes in an object, in a few words: `paths` differ between what is there and what it would become. */
export const whatChanges = (paths: readonly string[], live: KubeObject, next: KubeObject): string => {
  const image = paths.some((path) => path.endsWith('.image'))
  // A version label follows the image.
  const telling = image ? paths.filter((path) => !path.endsWith('app.kubernetes.io/version')) : paths
  const said = telling.map((path) => phraseOf(path, live, next))
  const phrases = [...new Set(said.filter((phrase) => phrase !== undefined))]
  const rest = telling.filter((_, index) => said[index] === undefined).map((path) => path.replace(/^spec\./u, ''))
  const shown = rest.slice(0, 3).join(', ')
  const more = rest.length > 3 ? ` and ${rest.length - 3} more` : ''
  return [...movedIn(live, next), ...phrases, ...(rest.length > 0 ? [`changes ${shown}${more}`] : [])].join(', ')
}

/** Volumes that a service sees at another path from then on. */
const movedIn = (live: KubeObject, next: KubeObject): string[] => {
  const mounts = mountsOf(next)
  return [...mountsOf(live)].flatMap(([claim, from]) => {
    const to = mounts.get(claim)
    return to === undefined || to === from ? [] : [`the volume at ${from} moves to ${to} with everything on it`]
  })
}

type Phrase = (values: { readonly was: string; readonly is: string }, found: readonly string[]) => string

const turns: (name: string) => Phrase =
  (name) =>
  ({ was, is }) =>
    `${name} ${was} → ${is}`

/** Fields that people know, by their path. */
const phrases: readonly (readonly [RegExp, Phrase])[] = [
  [/\.image$/u, turns('image')],
  [/\.resources\.limits\.(memory|cpu)$/u, (values, [, name = '']) => turns(`${name} limit`)(values, [])],
  [/\.resources\.requests\.(memory|cpu)$/u, (values, [, name = '']) => turns(`${name} asked for`)(values, [])],
  [/^spec\.limits\[0\]/u, () => 'what one pod may use'],
  [/^spec\.hard\b/u, () => 'what all pods may use together'],
  [/\.requests\.storage$/u, turns('size')],
  [/^spec\.replicas$/u, turns('replicas')],
  [/^spec\.schedule$/u, turns('schedule')],
  [/^spec\.strategy/u, () => 'the way in which versions follow each other'],
  [/\.(startup|readiness|liveness)Probe\b/u, (_, [, name = '']) => `${name} probe`],
  [/\.env\[([^\]]+)\]/u, (_, [, name = '']) => `variable ${name}`],
  [/\.volumeMounts\[([^\]]+)\]/u, (_, [, path = '']) => `what lies at ${path}`],
  [/^metadata\.annotations\.homeslice\.dev\/openings$/u, () => 'says who may come in'],
]

const phraseOf = (path: string, live: KubeObject, next: KubeObject): string | undefined => {
  for (const [pattern, phrase] of phrases) {
    const found = pattern.exec(path)
    if (found !== null) return phrase({ was: valueAt(live, path), is: valueAt(next, path) }, found)
  }
  return undefined
}

/** The value at a path as comparing writes it: keys with dots between, items by their own key in brackets. */
const valueAt = (object: KubeObject, path: string): string => {
  const steps = [...path.matchAll(/\[[^\]]*\]|[^.[\]]+/gu)]
  const value = steps.reduce<unknown>((one, [step]) => {
    const name = step.slice(1, -1)
    return step.startsWith('[')
      ? groupsAt({ list: one }, 'list').find((item) => Object.values(item).includes(name))
      : at(one, step)
  }, object)
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')
}
