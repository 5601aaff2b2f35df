import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions as SecureOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

/** An answer of the API server, or how it failed to come. */
export type Answer =
  | { readonly status: number; readonly body: unknown; readonly retryAfter: number | undefined }
  | { readonly error: NodeJS.ErrnoException }

/** One call. `body` is sent as JSON under the content type given. */
export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly contentType?: string
  /** @default application/json */
  readonly accept?: string
  readonly signal?: AbortSignal
  /** @default 30 */
  readonly timeoutSeconds?: number
}

/** Makes calls to one server, many at a time on kept connections. */
export type Transport = (call: Call) => Promise<Answer>

/** Options that carry the identity of the caller, made for each call: a plugin's token may have expired. */
export type Identify = () => Promise<SecureOptions>

const inFlight = 24

/** Calls a server with the identity that `identify` gives. */
export const createTransport = (server: string, identify: Identify): Transport => {
  const base = new URL(server)
  const secure = base.protocol === 'https:'
  const agents = new Map<string, HttpAgent>()
  // One pool of connections per identity: a rotated certificate must not ride on a connection of the old one.
  const agentFor = (options: RequestOptions): HttpAgent => {
    const { ca, cert, key, rejectUnauthorized, servername } = options as Record<string, unknown>
    const identity = JSON.stringify([String(cert), String(ca), rejectUnauthorized])
    const kept = agents.get(identity)
    if (kept !== undefined) return kept
    const common = { keepAlive: true, maxSockets: inFlight }
    const agent = secure
      ? new HttpsAgent({ ...common, ...defined({ ca, cert, key, rejectUnauthorized, servername }) })
      : new HttpAgent(common)
    agents.set(identity, agent)
    return agent
  }
  return async (call) => {
    const { method, path, body, contentType = 'application/json', signal, timeoutSeconds = 30 } = call
    const options = await identify()
    const text = body === undefined ? undefined : JSON.stringify(body)
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
    const answer = await send(secure ? httpsRequest : httpRequest, text, {
      method,
      host: base.hostname.replace(/^\[|\]$/gu, ''),
      port: base.port || (secure ? 443 : 80),
      path: `${base.pathname.replace(/\/$/u, '')}${path}`,
      agent: agentFor(options),
      auth: options.auth ?? null,
      signal: AbortSignal.any([timeout, ...(signal ? [signal] : [])]),
      headers: {
        ...(options.headers as Readonly<Record<string, string>> | undefined),
        Accept: call.accept ?? 'application/json',
        'User-Agent': 'homeslice',
        ...(text === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }),
      },
    })
    const late = 'error' in answer && timeout.aborted && signal?.aborted !== true
    return late ? { error: coded('ETIMEDOUT', `no answer within ${timeoutSeconds} s`) } : answer
  }
}

const coded = (code: string, message: string): NodeJS.ErrnoException => Object.assign(new Error(message), { code })

const defined = (options: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

const send = (request: typeof httpRequest, text: string | undefined, options: RequestOptions): Promise<Answer> =>
  new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve({ error })
    const outgoing = request(options, (incoming) => {
      read(incoming).then(resolve, failed)
    })
    outgoing.on('error', failed)
    outgoing.end(text)
  })

const read = async (incoming: IncomingMessage): Promise<Answer> => {
  let text = ''
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk as string
  const after = Number(incoming.headers['retry-after'])
  const { statusCode: status = 0 } = incoming
  const json = incoming.headers['content-type']?.includes('json') ?? false
  const body = json ? parse(text) : text
  if (body === undefined && status < 400) return { error: coded('EBADMSG', 'it sent JSON that is none') }
  return { status, body: body ?? text, retryAfter: Number.isFinite(after) ? after : undefined }
}

/** Nothing for what is no JSON: a proxy's error page under a wrong name. */
const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const retried = new Set([429, 500, 502, 503, 504])
const attempts = 8

/**
 * Tries again when the server is busy or the connection broke. Every call can be repeated: who makes an object accepts
 * that it is there already, and a delete names the one object that it means.
 */
export const patient =
  (transport: Transport): Transport =>
  async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await transport(call)
      const again = 'error' in answer ? !isFinal(answer.error) : retried.has(answer.status)
      if (!again || attempt === attempts || call.signal?.aborted === true) return answer
      const asked = 'error' in answer ? undefined : answer.retryAfter
      const wait = Math.min(asked === undefined ? 100 * 2 ** attempt : asked * 1000, 5000)
      await sleep(wait * (0.75 + Math.random() / 2), undefined, call.signal ? { signal: call.signal } : {}).catch(
        () => undefined,
      )
    }
  }

/** A name or a certificate that is wrong stays wrong; a closed port and a server that hangs are told at once. */
const isFinal = ({ code = '', name }: NodeJS.ErrnoException): boolean =>
  name === 'AbortError' ||
  /^(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EBADMSG|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/u.test(
    code,
  )
