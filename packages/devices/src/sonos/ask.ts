import { addAbortListener } from 'node:events'
import { request } from 'node:http'
import { unreachable } from '../connect.ts'
import { refused, type Result, silent } from '../switch.ts'

/** Where a speaker is, and what people call it. */
export type SonosPlace = {
  readonly name: string
  readonly host: string
  /** @default 1400 */
  readonly port?: number
}

/** What is asked of a speaker. */
export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What it said. */
export type Said = { readonly status: number; readonly body: string }

/** A page of a queue is about 100 KB, the groups of the largest house about as much. */
const bodyLimit = 1024 * 1024
const connectMilliseconds = 1000

/** One request on a connection of its own, which is closed whatever happens. */
export const ask = (place: SonosPlace, asked: Asked, deadline: AbortSignal): Promise<Result<Said>> =>
  new Promise((resolve) => {
    const { name, host, port = 1400 } = place
    const { method, path, headers = {}, body = '' } = asked
    const length = method === 'POST' ? { 'Content-Length': Buffer.byteLength(body) } : {}
    const outgoing = request({ host, port, method, path, agent: false, headers: { ...headers, ...length } })
    const end = (result: Result<Said>): void => {
      clearTimeout(connecting)
      waiting[Symbol.dispose]()
      outgoing.destroy()
      resolve(result)
    }
    // A service that knows a speaker by its address alone calls it that.
    const who = name === host ? name : `${name} at ${host}`
    const late = (): void => end(silent(`${who} did not answer in time; is it plugged in and on the network?`))
    const connecting = setTimeout(late, connectMilliseconds)
    const waiting = addAbortListener(deadline, late)
    outgoing.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (unreachable.has(error.code)) late()
      else end(refused(whyNot(name, `${host}:${port}`, error)))
    })
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        size += chunk.length
        if (size > bodyLimit) end(refused(`${name} answered more than a speaker has to say`))
      })
      response.on('error', (error) => end(refused(`${name} broke off: ${error.message}`)))
      response.on('end', () => {
        if (response.statusCode === 403) return end(refused(upnpIsOff(name)))
        end({ ok: true, value: { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() } })
      })
    })
    outgoing.end(body)
  })

const upnpIsOff = (name: string): string =>
  `${name} refuses to be controlled (403): turn UPnP on in the Sonos app, Account > Privacy and Security > UPnP`

const whyNot = (name: string, place: string, { code, message }: NodeJS.ErrnoException): string => {
  if (code === 'ECONNREFUSED') return `${name} refuses connections at ${place}; is it a Sonos speaker, and on?`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the name of ${name}, ${place}, is not known`
  return `${name} at ${place}: ${message}`
}
