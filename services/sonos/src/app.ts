import type { Result } from '@homeslice/devices'
import { type Answer, empty, type Handler, type Request, text } from '@homeslice/service-kit'
import type { Commands } from './commands.ts'
import type { Config, Curation } from './config.ts'
import { wayOf } from './path.ts'
import type { Status } from './status.ts'

/** What the service needs to answer. */
export type SonosDeps = {
  readonly config: Pick<Config, 'curations' | 'strictPause'>
  readonly commands: Commands
  readonly status: Status
  /** Told of each status read that asked a speaker or was answered from memory. */
  readonly onStatus: (result: Result<boolean>) => void
  /** What became of the last command of a curation, for people. */
  readonly history: (id: string) => object
}

/** A request's time from its arrival, so that its answer leaves within 2.5 s. */
const requestMilliseconds = 2300

const operations = ['play', 'pause', 'status'] as const
type Operation = (typeof operations)[number]

const sniffing = { 'X-Content-Type-Options': 'nosniff' }
const notFound: Answer = { status: 404, body: '404 page not found\n', headers: sniffing }
const notAllowed = (methods: string): Answer => ({
  status: 405,
  body: 'Method Not Allowed\n',
  headers: { ...sniffing, Allow: methods },
})

/** `POST /curations/ID/play`, `/pause` and `/status`, `GET /curations/ID/status`; and `GET /curations/ID` for people. */
export const createSonos = (deps: SonosDeps): Handler => {
  const { config, commands, status } = deps

  const statusOf = async (curation: Curation, deadline: AbortSignal): Promise<Result<boolean>> => {
    const result = await status.read(curation, deadline)
    deps.onStatus(result)
    return result
  }
  const pause = async (curation: Curation, deadline: AbortSignal): Promise<Result> => {
    if (!config.strictPause) return commands.pause(curation, deadline)
    const playing = await statusOf(curation, deadline)
    return playing.ok && playing.value ? commands.pause(curation, deadline) : playing
  }
  const carryOut: Readonly<Record<Operation, (curation: Curation, deadline: AbortSignal) => Promise<Answer>>> = {
    play: async (curation, deadline) => answerOf(await commands.play(curation, deadline), '1'),
    pause: async (curation, deadline) => answerOf(await pause(curation, deadline), '1'),
    status: async (curation, deadline) => {
      const result = await statusOf(curation, deadline)
      return answerOf(result, bodyOf(curation, result.ok && result.value))
    },
  }
  const command = async (request: Request, [, id = '', word = '']: readonly string[]): Promise<Answer> => {
    const curation = config.curations.get(id.toLowerCase())
    const operation = operations.find((one) => one === word.toLowerCase())
    // HEAD comes here by the original's router, and its handler takes no operation from it.
    if (curation === undefined || operation === undefined || request.method === 'HEAD') return empty(400)
    const answer = await carryOut[operation](curation, deadlineOf(request))
    const reason = answer.headers?.['X-Homeslice-Reason']
    if (reason !== undefined) request.log.warn({ id: curation.id, operation, reason }, 'the speaker did not do it')
    return answer
  }
  const tell = (id: string): Answer => {
    const curation = config.curations.get(id.toLowerCase())
    if (curation === undefined) return notFound
    const { kind, name } = curation
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: `${JSON.stringify({ id: curation.id, kind, name, ...deps.history(curation.id) })}\n`,
    }
  }
  return (request) => {
    const way = wayOf(request.target)
    if ('redirect' in way) return empty(301, { Location: way.redirect })
    const { parts } = way
    const [first, id = '', operation = ''] = parts
    if (first !== 'curations' || id === '') return notFound
    if (parts.length === 2) return request.method === 'GET' ? tell(id) : notFound
    if (parts.length !== 3 || operation === '') return notFound
    const reads = (request.method === 'GET' || request.method === 'HEAD') && operation === 'status'
    if (request.method === 'POST' || reads) return command(request, parts)
    return notAllowed(operation === 'status' ? 'GET, HEAD, POST' : 'POST')
  }
}

const bodyOf = ({ words }: Curation, on: boolean): string => {
  if (words) return on ? '1 ON' : '0 OFF'
  return on ? '1' : '0'
}

const answerOf = (result: Result, body: string): Answer =>
  result.ok ? text(body) : empty(500, { 'X-Homeslice-Reason': headerText(result.reason) })

const deadlineOf = ({ arrived }: Request): AbortSignal =>
  AbortSignal.timeout(Math.max(0, Math.ceil(arrived + requestMilliseconds - performance.now())))

/** Headers hold printable ASCII only; a speaker's own words may not. */
const headerText = (reason: string): string => reason.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, 500)
