import { type KubeObject, notedOpenings, type Opening, openingsOf } from '@homeslice/render'
import { isThere, objectsOf, type Situation } from '../situation.ts'

/** An opening, and what became of it. */
type Turned = { readonly from: Opening; readonly to: Opening }

/** An opening by which the circle of callers widens; `before` is who had that address so far, if anyone. */
type Widened = { readonly opening: Opening; readonly before?: Opening['who'] }

/** How the ways in to a service would change. */
export type Shifts = {
  readonly widened: readonly Widened[]
  /** Openings whose address leads nowhere any more. */
  readonly gone: readonly Opening[]
  /** The same, where another address has taken its place. */
  readonly moved: readonly Turned[]
  /** Openings that fewer may use. */
  readonly narrowed: readonly Turned[]
}

/** Where an opening is. */
export const addressOf = ({ host = '', path }: Opening): string => `${host}${path}`

/** Compares the ways in to a service. If it is new, then nothing widens but what is for everyone. */
export const shiftsOf = (service: string, { before, after }: Situation): Shifts => {
  const routes = routesOf(before, service)
  const known = [...routes, ...objectsOf(before, service).flatMap(notedIn)]
  const next = routesOf(after, service)
  const added = next.filter((one) => !known.some((other) => covers(other, one)))
  const lost = routes.filter((one) => !next.some((other) => covers(other, one)))
  const narrowed = turned(lost, (from) => next.find((to) => isAt(to, from)))
  const homeless = without(lost, narrowed)
  const fresh = next.filter((one) => !routes.some((other) => keyOf(other) === keyOf(one)))
  const shrunk = turned(homeless, (from) => fresh.find((to) => isAt(from, to)))
  const moved = [...shrunk, ...pairs(without(homeless, shrunk), added)]
  const settled = new Set(moved.filter(isNoWider).map(({ to }) => to))
  const widened = added.filter((one) => (isThere(before, service) ? !settled.has(one) : one.who === 'everyone'))
  return {
    widened: widened.map((opening) => ({ opening, ...previous(opening, known) })),
    gone: without(homeless, moved),
    moved,
    narrowed,
  }
}

/** What of a service's shifts one of its routes is about. */
export const ofRoute = <Item>(
  items: readonly Item[],
  route: KubeObject,
  opening: (item: Item) => Opening,
): readonly Item[] => {
  const own = new Set(openingsOf(route).map(keyOf))
  return items.filter((item) => own.has(keyOf(opening(item))))
}

const turned = (lost: readonly Opening[], find: (from: Opening) => Opening | undefined): Turned[] =>
  lost.flatMap((from) => {
    const to = find(from)
    return to === undefined ? [] : [{ from, to }]
  })

const without = (all: readonly Opening[], settled: readonly Turned[]): Opening[] =>
  all.filter((one) => !settled.some(({ from }) => from === one))

const routesOf = (side: Situation['before'], service: string): Opening[] =>
  objectsOf(side, service)
    .filter(({ kind }) => kind === 'HTTPRoute')
    .flatMap(openingsOf)

const notedIn = (object: KubeObject): Opening[] => (object.kind === 'Namespace' ? notedOpenings(object) : [])

const keyOf = ({ who, host = '', path }: Opening): string => `${who} ${host}${path}`

const widths: Readonly<Record<Opening['who'], number>> = { key: 1, person: 1, home: 2, everyone: 3 }

/** Whether an opening is found at the address of another. */
const isAt = (one: Opening, other: Opening): boolean =>
  (one.host === undefined || one.host === other.host) && isBelow(other.path, one.path)

/** The gateway compares whole parts of a path: `/a` leads to `/a/b`, not to `/ab`. */
const isBelow = (path: string, prefix: string): boolean =>
  `${path.replace(/\/+$/u, '')}/`.startsWith(`${prefix.replace(/\/+$/u, '')}/`)

/** Whether whoever may use an opening may use another one already. */
const covers = (one: Opening, other: Opening): boolean =>
  isAt(one, other) && (one.who === other.who || widths[one.who] > widths[other.who])

/** What is for everyone is never only moved: strangers find it where it was not. */
const isNoWider = ({ from, to }: Turned): boolean => to.who !== 'everyone' && widths[to.who] <= widths[from.who]

/** Each opening that is lost, and the new one that took its place; each new one takes the place of one. */
const pairs = (lost: readonly Opening[], added: readonly Opening[]): Turned[] => {
  const free = new Set(added)
  return lost.flatMap((from) => {
    const to = [...free].find(({ path }) => path === from.path) ?? [...free][0]
    if (to === undefined) return []
    free.delete(to)
    return [{ from, to }]
  })
}

/** The widest circle that had an address before. */
const previous = (opening: Opening, known: readonly Opening[]): { readonly before?: Opening['who'] } => {
  const [widest] = known.filter((one) => isAt(one, opening)).toSorted((a, b) => widths[b.who] - widths[a.who])
  return widest === undefined ? {} : { before: widest.who }
}
