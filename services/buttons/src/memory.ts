import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { LRUCache } from 'lru-cache'

/** What a button was last pressed to. */
export type State = 'on' | 'off'

/** The last press of each button; the one unused for longest is forgotten first. */
export type Memory = {
  readonly press: (id: string, state: State) => void
  /** Looking counts as use. */
  readonly look: (id: string) => State | undefined
}

/** Remembers in memory, and in a file where one is named, so that a restart forgets nothing. */
export const createMemory = ({ size, file }: { readonly size: number; readonly file?: string }): Memory => {
  const cache = new LRUCache<string, State>({ max: size })
  if (file !== undefined) cache.load(entriesIn(file))
  const save = (): void => {
    if (file === undefined) return
    writeFileSync(`${file}.new`, JSON.stringify(cache.dump()))
    renameSync(`${file}.new`, file)
  }
  return {
    press: (id, state) => {
      cache.set(id, state)
      save()
    },
    look: (id) => cache.get(id),
  }
}

/** What an earlier run kept. A file that is missing or damaged is no reason not to start. */
const entriesIn = (file: string): [string, { value: State }][] => {
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Array.isArray(data) ? data.filter(isEntry) : []
  } catch {
    return []
  }
}

const isEntry = (entry: unknown): entry is [string, { value: State }] =>
  Array.isArray(entry) &&
  typeof entry[0] === 'string' &&
  typeof entry[1] === 'object' &&
  entry[1] !== null &&
  'value' in entry[1] &&
  (entry[1].value === 'on' || entry[1].value === 'off')
