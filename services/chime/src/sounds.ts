import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Part of a file: from the first to the last byte. */
export type Range = { readonly first: number; readonly last: number }

/** The part that a header asks for; `whole` where it asks for none that we know, `none` where there is no such part. */
export const rangeOf = (header: string | undefined, size: number): Range | 'whole' | 'none' => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header ?? '') ?? []
  if (from === '' && to === '') return 'whole'
  // Without a beginning it is so many bytes from the end.
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from !== '' && to !== '' && Number(to) < first) return 'whole'
  return first > last ? 'none' : { first, last }
}

/** The name of a sound in a path, with or without its public prefix; nothing where it cannot be one. */
export const soundNameIn = (url: string): string | undefined => {
  const path = url.replace(/\?.*$/su, '').replace(/^\/api\/v0\/chime(?=\/)/u, '')
  try {
    return /^\/([^/\\\0]+\.mp3)$/iu.exec(decodeURIComponent(path))?.[1]
  } catch {
    return undefined
  }
}

/** Serves the mp3 files of a folder, and nothing else: whole or in part, as speakers want them. */
export const createSounds =
  (folder: string, onBug: (bug: unknown) => void): RequestListener =>
  (request, response) => {
    request.resume()
    answer(folder, request, response).catch((bug: unknown) => {
      // One who hangs up in the middle of a sound is no bug.
      if ((bug as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') onBug(bug)
      response.destroy()
    })
  }

const answer = async (folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, { Allow: 'GET, HEAD' })
  const name = soundNameIn(request.url ?? '')
  const file = name === undefined ? undefined : await fileIn(folder, name)
  if (file === undefined) return end(response, 404)
  const { size, path, modified } = file
  // A part of a file that may have changed since is of no use.
  const range = request.headers['if-range'] === undefined ? rangeOf(request.headers.range, size) : 'whole'
  if (range === 'none') return end(response, 416, { 'Content-Range': `bytes */${size}` })
  const { first, last } = range === 'whole' ? { first: 0, last: size - 1 } : range
  response.writeHead(range === 'whole' ? 200 : 206, {
    'Content-Type': 'audio/mpeg',
    'Content-Length': last - first + 1,
    'Accept-Ranges': 'bytes',
    'Last-Modified': modified.toUTCString(),
    ...(range === 'whole' ? {} : { 'Content-Range': `bytes ${first}-${last}/${size}` }),
  })
  if (request.method === 'HEAD' || size === 0) return void response.end()
  await pipeline(createReadStream(path, { start: first, end: last }), response)
}

const end = (response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { 'Content-Length': 0, ...headers }).end()
}

/** A file that lies in the folder, links followed. */
const fileIn = async (folder: string, name: string) => {
  try {
    const path = await realpath(join(folder, name))
    const inside = path.startsWith((await realpath(resolve(folder))) + sep)
    const facts = await stat(path)
    return inside && facts.isFile() ? { path, size: facts.size, modified: facts.mtime } : undefined
  } catch {
    return undefined
  }
}
