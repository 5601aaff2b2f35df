import { type Account, type Collection, collections, type Thing } from './account.ts'
import { siblings } from './dump.ts'

/** Something of a backup, and in which collection. */
export type Piece = { readonly collection: Collection; readonly thing: Thing }

/** How far an account is what a backup says. */
export type Match = {
  /** Ids of the account to ids of the backup, for all that is there. */
  readonly ids: ReadonlyMap<string, string>
  /** What is not there yet, in an order in which it can be made. */
  readonly missing: readonly Piece[]
  /** What the account holds and the backup does not. */
  readonly foreign: readonly Piece[]
}

/**
 * Compares an account with a backup by what things are and where they hang, as their ids have nothing in common. Of
 * siblings, those that are there must be there in the backup's order; which of equal ones they are makes no difference.
 */
export const match = (backup: Account, live: Account): Match => {
  const ids = new Map<string, string>()
  const liveIds = new Map<string, string>([['', '']])
  const missing: Piece[] = []
  const pair = (wanted: Thing, found: Thing): void => {
    ids.set(found.id, wanted.id)
    liveIds.set(wanted.id, found.id)
  }
  const [inboxThere, inboxThen] = [live, backup].map(({ projects }) => projects.find((one) => one.is_inbox))
  // Every account has an Inbox of its own, which cannot be made, and is called as the account's language calls it.
  if (inboxThere !== undefined && inboxThen !== undefined) pair(inboxThen, inboxThere)
  for (const collection of collections) {
    const there = siblings<Thing>(collection, live[collection])
    for (const { parent, things } of groupsOf(backup, collection)) {
      const parentThere = liveIds.get(parent)
      const found = parentThere === undefined ? [] : (there.get(parentThere) ?? [])
      const wanted = things.filter(({ id }) => !liveIds.has(id))
      const left = pairUp(
        wanted,
        found.filter(({ id }) => !ids.has(id)),
        pair,
      )
      missing.push(...left.map((thing) => ({ collection, thing })))
    }
  }
  const foreign = collections.flatMap((collection) =>
    live[collection].filter(({ id }) => !ids.has(id)).map((thing) => ({ collection, thing })),
  )
  return { ids, missing, foreign }
}

/** Pairs siblings with those that are there, in their order; gives those that are not. */
const pairUp = (
  wanted: readonly Thing[],
  found: readonly Thing[],
  pair: (wanted: Thing, found: Thing) => void,
): readonly Thing[] => {
  let next = 0
  return wanted.filter((thing) => {
    const candidate = found[next]
    if (candidate === undefined || !isAlike(thing, candidate)) return true
    pair(thing, candidate)
    next += 1
    return false
  })
}

const isAlike = (a: Thing, b: Thing): boolean => ownPart(a) === ownPart(b)

const ownPart = (thing: Thing): string =>
  JSON.stringify(Object.entries(thing).filter(([key]) => key !== 'order' && key !== 'id' && !key.endsWith('_id')))

type Group = { readonly parent: string; readonly things: readonly Thing[] }

/** The things of a collection by what they hang from, what others hang from first. */
const groupsOf = (backup: Account, collection: Collection): readonly Group[] => {
  const groups = siblings<Thing>(collection, backup[collection])
  const own = new Set<string>(backup[collection].map(({ id }) => id))
  const ordered: Group[] = [...groups]
    .filter(([parent]) => !own.has(parent))
    .map(([parent, things]) => ({ parent, things }))
  for (const { things } of ordered) {
    for (const { id } of things) {
      const below = groups.get(id)
      if (below !== undefined) ordered.push({ parent: id, things: below })
    }
  }
  return ordered
}

/** A backup in which everything hangs from something that is there, and what had to be moved for that, in sentences. */
export const mended = (backup: Account): { readonly account: Account; readonly moved: readonly string[] } => {
  const moved: string[] = []
  const has = Object.fromEntries(collections.map((one) => [one, new Set<string>(backup[one].map(({ id }) => id))]))
  const inbox = backup.projects.find((one) => one.is_inbox)?.id ?? ''
  const kept = (from: Collection, id: string, what: string, otherwise = ''): string => {
    if (id === '' || has[from]?.has(id) === true) return id
    moved.push(`${what} hung from something that the backup does not hold (${from} ${id})`)
    return otherwise
  }
  const straight = <One extends Thing & { readonly parent_id: string }>(things: readonly One[]): readonly One[] => {
    const looped = inLoops(things)
    return things.map((one) => {
      if (!looped.has(one.id)) return one
      moved.push(`${nameOf(one)} hung from itself`)
      return { ...one, parent_id: '' }
    })
  }
  const account = {
    ...backup,
    projects: straight(backup.projects).map((one) => ({
      ...one,
      parent_id: kept('projects', one.parent_id, nameOf(one)),
    })),
    sections: backup.sections.map((one) => ({
      ...one,
      project_id: kept('projects', one.project_id, nameOf(one), inbox),
    })),
    tasks: straight(backup.tasks).map((one) => ({
      ...one,
      project_id: kept('projects', one.project_id, nameOf(one), inbox),
      section_id: kept('sections', one.section_id, nameOf(one)),
      parent_id: kept('tasks', one.parent_id, nameOf(one)),
    })),
    comments: backup.comments.filter(
      ({ task_id, project_id }) => has.tasks?.has(task_id) === true || has.projects?.has(project_id) === true,
    ),
  }
  return { account, moved }
}

/** Ids of things that hang from themselves, perhaps by way of others. */
const inLoops = (things: readonly { readonly id: string; readonly parent_id: string }[]): ReadonlySet<string> => {
  const parents = new Map(things.map((one) => [one.id, one.parent_id]))
  const looped = new Set<string>()
  const known = new Set<string>()
  for (const { id } of things) {
    const way = new Set<string>()
    let at: string | undefined = id
    while (at !== undefined && at !== '' && !known.has(at) && !way.has(at)) {
      way.add(at)
      at = parents.get(at)
    }
    // The part of the way that comes round again is the loop.
    if (at !== undefined && way.has(at))
      for (let one = at; !looped.has(one); one = parents.get(one) ?? one) looped.add(one)
    for (const one of way) known.add(one)
  }
  return looped
}

/** What people call a thing: its first words. */
export const nameOf = (thing: Thing): string => {
  const text = 'name' in thing ? thing.name : thing.content
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
}
