import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { guardHeaders, refusalOf } from './guard.ts'
import { html, icon, style } from './page-files.ts'
import { script } from './page-script.ts'
import type { View } from './view.ts'

/** What came of something that the page asked for. */
export type Done = { readonly ok: true; readonly document: object } | { readonly ok: false; readonly error: string }

/** What the page can show and do. */
export type PageDeps = {
  readonly port: () => number
  readonly view: () => Promise<View>
  /** Sends a request to a service, and tells its answer. */
  readonly call: (service: string, asked: { readonly method: string; readonly path: string }) => Promise<Done>
  /** Starts a service again, or runs a job. */
  readonly restart: (name: string) => Done
  /** Presses the device itself, or makes it fail. */
  readonly press: (device: string, change: { readonly on?: boolean; readonly fault?: string }) => Promise<Done>
}

/** More than any change that the page sends. */
const longestBody = 16_384

const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/': ['text/html; charset=utf-8', html],
  '/page.js': ['text/javascript; charset=utf-8', script],
  '/page.css': ['text/css; charset=utf-8', style],
  '/icon.svg': ['image/svg+xml', icon],
}

/** The page of a home: what runs, where, and what can be pressed. */
export const createPage = (deps: PageDeps): Server =>
  createServer((incoming, outgoing) => {
    guardHeaders(outgoing)
    const refusal = refusalOf(incoming, deps.port())
    if (refusal !== undefined) return json(outgoing, refusal.status, { error: refusal.why })
    answer(incoming, outgoing, deps).catch((error: unknown) => json(outgoing, 500, { error: String(error) }))
  })

const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, deps: PageDeps): Promise<void> => {
  const path = (incoming.url ?? '/').replace(/\?.*$/su, '')
  if (incoming.method === 'POST') {
    const done = await change(path, await bodyOf(incoming), deps)
    return json(outgoing, done.ok ? 200 : 400, done.ok ? done.document : { error: done.error })
  }
  if (path === '/state.json') return json(outgoing, 200, await deps.view())
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (file === undefined) return json(outgoing, 404, { error: 'there are / and /state.json' })
  outgoing.writeHead(200, { 'Content-Type': file[0] }).end(incoming.method === 'HEAD' ? '' : file[1])
}

type Body = Readonly<Record<string, unknown>>

const change = async (path: string, body: Body | undefined, deps: PageDeps): Promise<Done> => {
  const [, what, name = ''] = path.split('/').map(decoded)
  if (body === undefined) return { ok: false, error: 'a change is one JSON object' }
  if (what === 'restart') return deps.restart(name)
  if (what === 'press') {
    const { on, fault } = body
    if (typeof on === 'boolean') return deps.press(name, { on })
    if (typeof fault === 'string') return deps.press(name, { fault })
    return { ok: false, error: 'press takes {"on": true}, {"on": false} or {"fault": "silent"}' }
  }
  const { method, path: target } = body
  if (what === 'call' && typeof method === 'string' && typeof target === 'string') {
    return deps.call(name, { method, path: target })
  }
  return { ok: false, error: 'there are POST /press/DEVICE, /call/SERVICE and /restart/NAME' }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const bodyOf = async (incoming: IncomingMessage): Promise<Body | undefined> => {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length > longestBody) return undefined
  }
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : undefined
  } catch {
    return undefined
  }
}

const json = (outgoing: ServerResponse, status: number, body: object): void => {
  if (outgoing.headersSent) return void outgoing.destroy()
  outgoing.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(`${JSON.stringify(body)}\n`)
}
