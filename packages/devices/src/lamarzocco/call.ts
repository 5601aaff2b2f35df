import { addAbortListener } from 'node:events'
import { type IncomingMessage, request as plain } from 'node:http'
import { request as encrypted } from 'node:https'
import { unreachable } from '../connect.ts'
import { refused, type Result, silent } from '../switch.ts'

/** One call to the cloud. */
export type Call = {
  readonly method: 'GET' | 'POST'
  /** Below the base URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** @default none */
  readonly body?: object
}

/** What the cloud answered; `body` is undefined where it was no JSON. */
export type Answered = { readonly status: number; readonly body: unknown; readonly retryAfter: string | undefined }

/** No dashboard is longer than a tenth of this. */
const bodyLimit = 512 * 1024

/** How people read of it. */
export const cloud = "La Marzocco's cloud"

/** Makes a call on a connection of its own, by the proxy of the environment where Node is told to use one. */
export const callCloud = (base: string, call: Call, deadline: AbortSignal): Promise<Result<Answered>> =>
  new Promise((resolve) => {
    if (deadline.aborted) return resolve(late())
    const url = new URL(`${base.replace(/\/$/u, '')}${call.path}`)
    const body = call.body === undefined ? '' : JSON.stringify(call.body)
    const outgoing = (url.protocol === 'https:' ? encrypted : plain)(url, {
      method: call.method,
      headers: {
        ...call.headers,
        Accept: 'application/json',
        // A connection kept open would be closed by the cloud between two presses, just when the next one uses it.
        Connection: 'close',
        ...(body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      },
    })
    const end = (result: Result<Answered>): void => {
      waiting[Symbol.dispose]()
      outgoing.destroy()
      resolve(result)
    }
    const waiting = addAbortListener(deadline, () => end(late()))
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(whyNot(url.host, error)))
    outgoing.on('response', (response) => collect(response, end))
    outgoing.end(body)
  })

/** What is said when its time is over. */
export const late = (): Result<never> => silent(`${cloud} did not answer in time; is the internet there?`)

const collect = (response: IncomingMessage, end: (result: Result<Answered>) => void): void => {
  let arrived = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    arrived += chunk
    if (arrived.length > bodyLimit) end(refused(`${cloud} answered far more than it has to say`))
  })
  response.on('error', (error) => end(refused(`${cloud} broke off: ${error.message}`)))
  response.on('end', () => {
    const { statusCode = 0, headers } = response
    end({ ok: true, value: { status: statusCode, body: jsonOf(arrived), retryAfter: headers['retry-after'] } })
  })
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const whyNot = (place: string, { code, message }: NodeJS.ErrnoException): Result<never> => {
  if (code === 'ECONNREFUSED') return refused(`${cloud} refuses connections at ${place}`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return refused(`the name of ${cloud}, ${place}, is not known; is the internet there?`)
  }
  if (unreachable.has(code)) return silent(`${cloud} at ${place} cannot be reached; is the internet there?`)
  return refused(`${cloud} at ${place}: ${message}`)
}
