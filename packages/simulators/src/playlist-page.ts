import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, type Place, type Simulator, slowMilliseconds } from './fault.ts'
import { createDoor, dribble } from './server.ts'
import { songsOf } from './sonos/music.ts'

/** How the page has carried its data: a list of documents once, an object with a list now. */
export type PageShape = 'array' | 'object'

/** The page that runs. `on` is whether it knows any playlist. */
export type PlaylistPage = Simulator & { readonly setShape: (shape: PageShape) => void }

const sections = (playlist: string): object => ({
  sections: [
    { itemKind: 'containerDetailHeaderLockup', items: [{ title: playlist }] },
    {
      itemKind: 'trackLockup',
      items: songsOf(playlist).map(({ title, artist, album }) => ({
        title,
        subtitleLinks: [{ title: artist }],
        tertiaryLinks: [{ title: album }],
      })),
    },
  ],
})

const page = (playlist: string, shape: PageShape): string => {
  const documents = [{ intent: {}, data: sections(playlist) }]
  // Text between the tags of a script may hold everything but the end of it.
  const data = JSON.stringify(shape === 'array' ? documents : { data: documents }).replaceAll('</', String.raw`<\/`)
  return `<!DOCTYPE html><html><head><title>${playlist}</title></head><body><script type="application/json" id="serialized-server-data">${data}</script></body></html>`
}

/** The public pages of Apple Music's playlists, `/us/playlist/NAME/ID`: every id is a playlist. */
export const startPlaylistPage = async ({ name, host, port = 8080 }: Place): Promise<PlaylistPage> => {
  let on = true
  let fault: Fault = 'none'
  let calls = 0
  let shape: PageShape = 'object'

  const html = (response: ServerResponse, status: number, body: string): void => {
    response.writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    })
    response.end(body)
  }
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1
    if (fault === 'silent') return
    if (fault === 'slow') await sleep(slowMilliseconds)
    if (fault === 'garbage') return html(response, 200, '<html>what?</html>')
    if (fault === 'huge') return html(response, 200, 'x'.repeat(32 * 1024 * 1024))
    if (fault === 'error') return html(response, 500, '')
    if (fault === 'forbidden') return html(response, 403, '')
    const [, id] = /^\/[a-z]{2}\/playlist\/[^/]+\/([^/?]+)/u.exec(request.url ?? '') ?? []
    if (id === undefined || !on || fault === 'stuck') return html(response, 404, '')
    const body = page(id, shape)
    if (fault === 'dribble') {
      response.writeHead(200, { 'Content-Length': 100_000 }).flushHeaders()
      dribble(request.socket, Buffer.from(body))
    } else if (fault === 'vanish') {
      response.writeHead(200, { 'Content-Length': 100_000 }).write(body.slice(0, 100), () => response.destroy())
    } else html(response, 200, body)
  }
  const http = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  const door = createDoor(host, (socket) => http.emit('connection', socket))
  await door.open(port)
  return {
    state: () => ({ kind: 'playlist-page', name, on, port, fault, calls }),
    setOn: (next) => {
      on = next
    },
    setShape: (next) => {
      shape = next
    },
    setFault: async (next) => {
      fault = next
      await (next === 'refuse' ? door.shut() : door.open(port))
    },
    stop: door.shut,
  }
}
