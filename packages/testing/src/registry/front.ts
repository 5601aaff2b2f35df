import { createServer as plainServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as tlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request as the front sees it. */
export type Seen = {
  readonly method: string
  readonly url: URL
  readonly authorization: string | undefined
  /** How much comes with it. */
  readonly bytes: number
}

/** What the front does itself: answers, or takes so many bytes and cuts the connection. */
export type Own =
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
      /** Answers without having read what was sent. */
      readonly early?: boolean
    }
  | { readonly cutAfter: number }

/** Stands before a registry, and may do as worse ones do. */
export type Front = {
  readonly address: string
  /** Every request so far: `METHOD path status`. */
  readonly log: string[]
  readonly stop: () => Promise<void>
}

type Options = {
  /** The registry's port. */
  readonly port: number
  /** What the front does itself; what it does not goes to the registry. */
  readonly own?: (seen: Seen) => Own | undefined
  readonly tls?: { readonly key: string; readonly cert: string }
}

/** Starts a front on this machine. */
export const startFront = async ({ port, own = () => undefined, tls }: Options): Promise<Front> => {
  const log: string[] = []
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = '', url = '' } = incoming
    outgoing.on('close', () => log.push(`${method} ${url} ${outgoing.writableEnded ? outgoing.statusCode : 'cut'}`))
    const { authorization, 'content-length': length = '0' } = incoming.headers
    const mine = own({ method, url: new URL(url, 'http://front'), authorization, bytes: Number(length) })
    if (mine === undefined) pass(port, incoming, outgoing)
    else if ('cutAfter' in mine) cut(mine.cutAfter, incoming)
    else {
      if (mine.early !== true) incoming.resume()
      outgoing.writeHead(mine.status, mine.headers).end(mine.body)
    }
  }
  const server = tls === undefined ? plainServer(handle) : tlsServer(tls, handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const pass = (port: number, incoming: IncomingMessage, outgoing: ServerResponse): void => {
  const { method, url, headers } = incoming
  const through = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(outgoing)
  })
  through.on('error', () => outgoing.destroy())
  incoming.pipe(through)
}

const cut = (after: number, incoming: IncomingMessage): void => {
  let bytes = 0
  if (after === 0) incoming.socket.resetAndDestroy()
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes >= after) incoming.socket.destroy()
  })
}
