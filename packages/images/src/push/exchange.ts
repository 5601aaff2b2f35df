import { type IncomingHttpHeaders, type IncomingMessage, request as overTcp } from 'node:http'
import { request as overTls } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** What is sent with a request; opened anew whenever it has to be sent again. */
export type Body = { readonly bytes: number; readonly open: () => Readable }

/** One request of HTTP. */
export type Asked = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
}

/** What came back, whatever its status; redirects are not followed. */
export type Answer = {
  readonly ok: true
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Nothing whole came back: the code and the words of the network, of TLS, or of this machine. */
export type Cut = { readonly ok: false; readonly code: string; readonly message: string }

/** How long a connection may be silent, in milliseconds: a registry that moves a layer to its place takes its time. */
const longestSilence = 60_000

/** Nobody reads an answer that is longer than this, in bytes. */
const longestText = 64 << 10

/** Sends a request and reads the answer. */
export const exchange = ({ method, url, headers = {}, body }: Asked, signal: AbortSignal): Promise<Answer | Cut> =>
  new Promise((resolve) => {
    const length = body === undefined && method !== 'POST' ? {} : { 'content-length': String(body?.bytes ?? 0) }
    const request = (url.protocol === 'https:' ? overTls : overTcp)(url, {
      method,
      headers: { 'user-agent': 'homeslice', ...headers, ...length },
      signal,
      timeout: longestSilence,
    })
    const cut = (error: unknown): void => resolve(cutOf(error as Error & { readonly code?: string }))
    request.on('error', cut)
    request.on('timeout', () => request.destroy(Object.assign(new Error('no sign of life'), { code: 'ETIMEDOUT' })))
    request.on('response', (response) => {
      const { statusCode: status = 0, headers: heard } = response
      // A refusal may come before all is sent; the rest is then for nobody.
      const end = (): void => void (request.writableFinished || request.destroy())
      textOf(response).then((text) => (resolve({ ok: true, status, headers: heard, text }), end()), cut)
    })
    if (body === undefined) request.end()
    else pipeline(body.open(), request).catch(cut)
  })

const cutOf = ({ code = 'UNKNOWN', message }: Error & { readonly code?: string }): Cut => ({ ok: false, code, message })

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= longestText) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
