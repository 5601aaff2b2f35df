import type { Machine, MachineState, Result } from '@homeslice/devices'
import { type Answer, empty, type Handler, type Request, text } from '@homeslice/service-kit'

/** What happened to a request: the machine's answer, and trouble where it can hear nothing. */
type Happened = {
  readonly operation: 'on' | 'off' | 'status'
  readonly result: Result
  readonly trouble: string | undefined
}

/** What the service needs to answer. */
export type LmzDeps = {
  readonly machine: Machine
  /** Told of every command's end. */
  readonly onResult: (happened: Happened) => void
}

/** A request's time from its arrival, so that its answer leaves within 2.5 s. */
const requestMilliseconds = 2300

/** The original's words: no client reads a state where there is none. */
const notFound: Answer = { status: 404, body: '404: Not Found' }
const notAllowed = (allow: string): Answer => ({
  status: 405,
  body: '405: Method Not Allowed',
  headers: { Allow: allow },
})

/** Turns the machine on and off by `/ON` and `/OFF`, and tells its state by `/STATUS`; with or without the public prefix. */
export const createLmz = ({ machine, onResult }: LmzDeps): Handler => {
  const failed = (request: Request, operation: string, result: Extract<Result<never>, { ok: false }>): Answer => {
    request.log.warn({ operation, kind: result.kind, reason: result.reason }, 'the machine did not do it')
    return empty(result.kind === 'silent' ? 504 : 502, { 'X-Homeslice-Reason': headerText(result.reason) })
  }
  const command = async (request: Request, operation: 'on' | 'off'): Promise<Answer> => {
    if (request.method !== 'GET' && request.method !== 'POST') return notAllowed('GET,POST')
    const result = await machine.set(operation === 'on', deadlineOf(request))
    onResult({ operation, result, trouble: result.ok ? undefined : result.reason })
    return result.ok ? empty(204) : failed(request, operation, result)
  }
  const status = async (request: Request): Promise<Answer> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET,HEAD')
    const result = await machine.read(deadlineOf(request))
    onResult({ operation: 'status', result, trouble: result.ok ? result.value.trouble : result.reason })
    return result.ok ? stateOf(request, result.value) : failed(request, 'status', result)
  }
  return (request) => {
    const word = wordOf(request.parts)
    if (word === 'ON') return command(request, 'on')
    if (word === 'OFF') return command(request, 'off')
    return word === 'STATUS' ? status(request) : notFound
  }
}

const stateOf = ({ log }: Request, { on, trouble }: MachineState): Answer => {
  if (trouble !== undefined) log.warn({ operation: 'status', reason: trouble }, 'the machine cannot be reached')
  return text(on ? '1' : '0')
}

/** `/WORD` or `/api/v0/lmz/WORD`, in this case alone. */
const wordOf = (parts: readonly string[]): string | undefined => {
  const prefix = parts.slice(0, -1).join('/')
  return prefix === '' || prefix === '/api/v0/lmz' ? parts.at(-1) : undefined
}

const deadlineOf = ({ arrived }: Request): AbortSignal =>
  AbortSignal.timeout(Math.max(0, Math.ceil(arrived + requestMilliseconds - performance.now())))

/** Headers hold printable ASCII only; a cloud's own words may not. */
const headerText = (reason: string): string => reason.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, 500)
