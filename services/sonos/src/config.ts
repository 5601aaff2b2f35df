import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import type { CannotStart } from '@homeslice/service-kit'

type Common = {
  /** Lower case. */
  readonly id: string
  readonly name: string
  /** From 0 to 100; left alone where none is given. */
  readonly volume?: number
  /** Status bodies are `1 ON` and `0 OFF`, for clients that look for words. */
  readonly words: boolean
}

/** A playlist of Apple Music. */
export type Playlist = Common & {
  readonly kind: 'playlist'
  /** The path of its public page. */
  readonly page: string
  /** Its id, at the end of the share link. */
  readonly playlist: string
}

/** A radio station. */
export type Station = Common & { readonly kind: 'station'; readonly uri: string }

/** Something to listen to. */
export type Curation = Playlist | Station

/** What the file says. */
export type Config = {
  readonly ok: true
  readonly coordinator: string
  /** The other speakers, which join the coordinator. */
  readonly players: readonly string[]
  readonly curations: ReadonlyMap<string, Curation>
  /** Pause a curation only when it is the one that plays. The original paused whatever played. */
  readonly strictPause: boolean
}

/** What the file says, or why it cannot be used. */
export type ReadConfig = Config | CannotStart

const appleMusic = 'https://music.apple.com/'

const refuse = (message: string): CannotStart => ({ ok: false, exit: 1, message })

/** Reads a config file: YAML; unknown keys are ignored, as the original ignored them. */
export const readConfig = (path: string): ReadConfig => {
  try {
    return configOf(load(readFileSync(path, 'utf8')), path)
  } catch (error) {
    return refuse(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** The same from what a file holds. */
export const configOf = (content: unknown, path: string): ReadConfig => {
  if (!isGroup(content)) return refuse(`${path} holds no settings`)
  const { coordinator, players = [], playlists = [], stations = [] } = content
  if (!isHost(coordinator)) return refuse(`${path}: coordinator must be the address of a speaker`)
  const others = listOf(players)
  const wrong = others?.find((player) => !isHost(player))
  if (others === undefined || wrong !== undefined)
    return refuse(`${path}: players must be a list of addresses; ${JSON.stringify(wrong ?? players)} is none`)
  const curations = new Map<string, Curation>()
  for (const { kind, items } of [
    { kind: 'playlist', items: listOf(playlists) },
    { kind: 'station', items: listOf(stations) },
  ] as const) {
    if (items === undefined) return refuse(`${path}: ${kind}s must be a list`)
    for (const [index, item] of items.entries()) {
      const curation = curationOf(kind, item)
      if (typeof curation === 'string') return refuse(`${path}: ${kind} ${index + 1} ${curation}`)
      if (curations.has(curation.id)) return refuse(`${path}: two curations have the id "${curation.id}"`)
      curations.set(curation.id, curation)
    }
  }
  return {
    ok: true,
    coordinator,
    players: [...new Set(others.filter(isHost))].filter((player) => player !== coordinator),
    curations,
    strictPause: content.strict_pause === true,
  }
}

type Group = Readonly<Record<string, unknown>>

const isGroup = (value: unknown): value is Group => typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] | undefined => {
  if (value === null) return []
  return Array.isArray(value) ? value : undefined
}

const isHost = (value: unknown): value is string => typeof value === 'string' && /^[\w.:-]+$/u.test(value)

const curationOf = (kind: Curation['kind'], item: unknown): Curation | string => {
  if (!isGroup(item)) return 'is none'
  const { id: written, name = '', volume, status_words: words } = item
  // YAML reads an id of digits as a number.
  const id = typeof written === 'number' ? String(written) : written
  if (typeof id !== 'string' || !/^[\w-]+$/u.test(id)) return `has no id of letters, digits, "_" and "-"`
  if (typeof name !== 'string') return `("${id}") has a name that is no text`
  if (volume !== undefined && volume !== null && !isVolume(volume))
    return `("${id}") has a volume that is not from 0 to 100`
  const common = { id: id.toLowerCase(), name, words: words === true, ...(isVolume(volume) ? { volume } : {}) }
  return kind === 'playlist' ? playlistOf(common, item) : stationOf(common, item)
}

const isVolume = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100

const playlistOf = (common: Common, { share_link: link }: Group): Playlist | string => {
  const url = typeof link === 'string' && link.startsWith(appleMusic) ? URL.parse(link) : null
  const playlist = url?.pathname.split('/').findLast((part) => part !== '')
  if (url === null || playlist === undefined) return `("${common.id}") has no share_link that starts with ${appleMusic}`
  return { ...common, kind: 'playlist', page: url.pathname + url.search, playlist }
}

const stationOf = (common: Common, { uri }: Group): Station | string =>
  typeof uri === 'string' && uri !== '' ? { ...common, kind: 'station', uri } : `("${common.id}") has no uri`
