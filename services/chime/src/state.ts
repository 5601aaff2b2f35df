import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from './clock.ts'
import type { Snapshot } from './snapshot.ts'

/** What a run leaves behind until every speaker is as it was found. */
export type Left = {
  /** When the chime began, in milliseconds since 1970. */
  readonly at: number
  /** How loud it was. */
  readonly volume: number
  readonly snapshots: readonly Snapshot[]
}

/** Lets the next one go on. */
type Release = () => void

/** What chimes on one folder know of each other. A group is named by the uid of its coordinator. */
export type State = {
  /** Waits until no other chime plays on a group; nothing if it is stopped before. */
  readonly lock: (group: string, stop: AbortSignal) => Promise<Release | undefined>
  /** The same without waiting. */
  readonly tryLock: (group: string) => Release | undefined
  readonly save: (group: string, left: Left) => void
  readonly load: (group: string) => Left | undefined
  readonly remove: (group: string) => void
  /** Groups for which something is left. */
  readonly groups: () => readonly string[]
}

const waitMilliseconds = 200

/** State in a folder. Locks are the system's own: they end with the process that holds them, however it ends. */
export const stateIn = (folder: string, clock: Clock): State => {
  mkdirSync(folder, { recursive: true })
  const fileOf = (group: string): string => join(folder, `${group.replaceAll(/[^\w-]/gu, '_')}.json`)
  const tryLock = (group: string): Release | undefined => {
    const database = new DatabaseSync(fileOf(group).replace(/json$/u, 'lock'))
    try {
      database.exec('BEGIN EXCLUSIVE')
      return () => database.close()
    } catch (error) {
      database.close()
      if ((error as { readonly errcode?: number }).errcode === busy) return undefined
      throw error
    }
  }
  return {
    tryLock,
    lock: async (group, stop) => {
      while (!stop.aborted) {
        const release = tryLock(group)
        if (release !== undefined) return release
        await clock.sleep(waitMilliseconds, stop)
      }
      return undefined
    },
    save: (group, left) => {
      const file = fileOf(group)
      writeFileSync(`${file}.new`, JSON.stringify(left), { flush: true })
      renameSync(`${file}.new`, file)
    },
    load: (group) => {
      try {
        return leftIn(JSON.parse(readFileSync(fileOf(group), 'utf8')))
      } catch {
        return undefined
      }
    },
    remove: (group) => rmSync(fileOf(group), { force: true }),
    groups: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.slice(0, -'.json'.length)),
  }
}

/** SQLite's word for a lock that another holds. */
const busy = 5

/** Without a folder chimes know nothing of each other, and a kill leaves nothing behind. */
export const noState: State = {
  lock: () => Promise.resolve(() => undefined),
  tryLock: () => () => undefined,
  save: () => undefined,
  load: () => undefined,
  remove: () => undefined,
  groups: () => [],
}

/** We wrote it, so its shape is known; a file of something else is as good as none. */
const leftIn = (content: unknown): Left | undefined => {
  const left = content as Partial<Left> | null
  return typeof left?.at === 'number' && typeof left.volume === 'number' && Array.isArray(left.snapshots)
    ? (left as Left)
    : undefined
}
