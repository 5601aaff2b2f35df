import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { LRUCache } from 'lru-cache'

/** What a button was last pressed to. */
export type State = 'on' | 'off'

/** The last press of each button; the one unused for longest is forgotten first. */
export type Memory = {
  readonly press: (id: string, state: State) => void
  /** Looking counts as use. */
  readonly look: (id: string) => State | undefined
}

/** Where and how much is remembered. */
export type MemoryPlace = {
  readonly size: number
  /** Kept here too, so that a restart forgets nothing. @default only in memory */
  readonly file?: string
  /** Told, in a sentence, when the file cannot be used; presses are then remembered until the end of this run. */
  readonly onTrouble?: (sentence: string) => void
}

/** Remembers in memory, and in a file where one is named. */
export const createMemory = ({ size, file, onTrouble = () => undefined }: MemoryPlace): Memory => {
  const cache = new LRUCache<string, State>({ max: size })
  if (file !== undefined) cache.load(entriesIn(file, onTrouble))
  const save = (): void => {
    if (file === undefined) return
    try {
      writeFileSync(`${file}.new`, JSON.stringify(cache.dump()))
      renameSync(`${file}.new`, file)
    } catch (error) {
      onTrouble(`what buttons were pressed to cannot be kept in ${file}: ${(error as Error).message}`)
    }
  }
  return {
    press: (id, state) => {
      cache.set(id, state)
      save()
    },
    look: (id) => cache.get(id),
  }
}

/** What an earlier run kept. A file that is damaged is no reason not to start. */
const entriesIn = (file: string, onTrouble: (sentence: string) => void): [string, { value: State }][] => {
  if (!existsSync(file)) return []
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (Array.isArray(data)) return data.filter(isEntry)
    onTrouble(`${file} holds no list of buttons; they start unpressed`)
  } catch (error) {
    onTrouble(`${file} cannot be read; buttons start unpressed: ${(error as Error).message}`)
  }
  return []
}

const isEntry = (entry: unknown): entry is [string, { value: State }] =>
  Array.isArray(entry) &&
  typeof entry[0] === 'string' &&
  typeof entry[1] === 'object' &&
  entry[1] !== null &&
  'value' in entry[1] &&
  (entry[1].value === 'on' || entry[1].value === 'off')
