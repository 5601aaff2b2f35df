import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Failure } from '../outcome.ts'

/** How a service is called in each place. */
export type Names = {
  /** `night-light`: its folder, its catalog entry, its image. */
  readonly name: string
  /** `nightLight`: in TypeScript. */
  readonly identifier: string
  /** `NightLight`: in the middle of a word. */
  readonly capital: string
  /** `/api/v0/nightlight/`: where the gateway leads to it. */
  readonly path: string
}

/** A name with room for `<home>-<env>-` before it in a namespace. */
const longest = 30

/** Words that TypeScript keeps for itself, and names that Homeslice makes by itself. */
const reserved = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for function ' +
    'if implements import in instanceof interface let new null package private protected public return static super switch ' +
    'this throw true try typeof undefined var void while with yield await async eval arguments ' +
    'platform redirects elsewhere keeper door hold simulators homeslice'
  ).split(' '),
)

/** A service's names, or the sentence why it cannot be called so. */
export const namesOf = (
  name: string,
): { readonly ok: true; readonly names: Names } | { readonly ok: false; readonly error: Failure } => {
  const refuse = (message: string, fix: string) => ({ ok: false, error: { message, fix } }) as const
  if (!/^[a-z]+(-[a-z]+)*$/u.test(name) || name.length < 2) {
    return refuse(`"${name}" is no name for a service`, 'use lower-case letters, with "-" between words: night-light')
  }
  if (name.length > longest) return refuse(`"${name}" is longer than ${longest} letters`, 'choose a shorter name')
  if (reserved.has(name) || /^(device|cloud)-/u.test(name)) {
    return refuse(`"${name}" is reserved: TypeScript or Homeslice itself means something by it`, 'choose another name')
  }
  const capital = name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
  const identifier = capital.charAt(0).toLowerCase() + capital.slice(1)
  return { ok: true, names: { name, identifier, capital, path: `/api/v0/${name.replaceAll('-', '')}/` } }
}

/** What in a checkout has the name already; nothing if it is free. */
export const takenBy = (checkout: string, { name, identifier, path }: Names): string | undefined => {
  const places = [
    `services/${name}`,
    `packages/${name}`,
    `platform/${name}`,
    `apps/${name}`,
    `packages/catalog/src/${name}.ts`,
    `packages/testing/src/contract/${name}.ts`,
    `docs/services/${name}.md`,
  ]
  const place = places.find((one) => existsSync(join(checkout, one)))
  if (place !== undefined) return place
  const says = (file: string, pattern: RegExp): boolean => pattern.test(readFileSync(join(checkout, file), 'utf8'))
  const exported = 'packages/catalog/src/index.ts'
  if (says(exported, new RegExp(`\\b${identifier}\\b`, 'u'))) return `a name in ${exported}`
  const suite = 'packages/testing/src/contract/run.ts'
  return says(suite, new RegExp(`\\b${identifier}\\b|'${path}'`, 'u')) ? `a name in ${suite}` : undefined
}
