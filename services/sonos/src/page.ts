import type { Playlist } from './config.ts'
import { trackKey } from './tracks.ts'

/** Where public pages of playlists are. */
export const appleMusicPages = 'https://music.apple.com'

const pageMilliseconds = 8000

/** The longest pages seen are below 2 MB. */
const pageLimit = 16 * 1024 * 1024

/** What a page lists, or why it cannot be told. */
export type Listed =
  | { readonly ok: true; readonly tracks: readonly string[] }
  | { readonly ok: false; readonly reason: string }

const nothing = (reason: string): Listed => ({ ok: false, reason })

/** Reads the public page of a playlist, within 8 s. */
export const readPage = async (base: string, { page }: Playlist, stop: AbortSignal): Promise<Listed> => {
  const url = new URL(page, base)
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(pageMilliseconds)])
    const response = await fetch(url, { signal })
    if (!response.ok) return nothing(`${url.href} answered ${response.status}`)
    const html = await textOf(response)
    return html === undefined ? nothing(`${url.href} is longer than any page of a playlist`) : tracksOnPage(html)
  } catch (error) {
    return nothing(`${url.href} cannot be read: ${(error as Error).message}`)
  }
}

const textOf = async (response: Response): Promise<string | undefined> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > pageLimit) return undefined
  }
  return Buffer.concat(chunks).toString()
}

/** The tracks that a page lists. Its data was a list of documents once, and is an object that holds the list now. */
export const tracksOnPage = (html: string): Listed => {
  const data = dataIn(html)
  if (data === undefined) return nothing('the page of the playlist carries no data')
  const documents = Array.isArray(data) ? data : list(at(data, 'data'))
  const tracks = documents
    .flatMap((document) => list(at(document, 'data', 'sections')))
    .filter((section) => at(section, 'itemKind') === 'trackLockup')
    .flatMap((section) => list(at(section, 'items')))
    .map((item) => ({
      title: word(at(item, 'title')),
      artist: word(at(list(at(item, 'subtitleLinks'))[0], 'title')),
      album: word(at(list(at(item, 'tertiaryLinks'))[0], 'title')),
    }))
    .filter(({ title, artist, album }) => title + artist + album !== '')
  return tracks.length === 0
    ? nothing('the page of the playlist lists no tracks')
    : { ok: true, tracks: tracks.map(trackKey) }
}

/** By searching, not by one pattern: a hostile page must not be able to make a pattern slow. */
const dataIn = (html: string): unknown => {
  const mark = /id=["']serialized-server-data["']/iu.exec(html)
  if (mark === null) return undefined
  const start = html.indexOf('>', mark.index)
  const end = start < 0 ? -1 : html.indexOf('</script', start)
  if (end < 0) return undefined
  try {
    return JSON.parse(html.slice(start + 1, end)) as unknown
  } catch {
    return undefined
  }
}

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (one, key) =>
      typeof one === 'object' && one !== null && Object.hasOwn(one, key)
        ? (one as Readonly<Record<string, unknown>>)[key]
        : undefined,
    value,
  )

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const word = (value: unknown): string => (typeof value === 'string' ? value : '')
