import type { QueuedSwitch, Result } from '@homeslice/devices'
import { type Answer, empty, type Handler, type Request, text } from '@homeslice/service-kit'

/** What the switches need to answer. */
export type SwitchesDeps = {
  readonly switches: ReadonlyMap<string, QueuedSwitch>
  /** Answer OK whatever a device did, as the original did. */
  readonly alwaysOk: boolean
  /** Told of every command's end. */
  readonly onResult: (id: string, operation: string, result: Result<boolean>) => void
}

/** A request's time from its arrival, so that its answer leaves within 2.5 s. */
const requestMilliseconds = 2300

const operations = ['on', 'off', 'toggle'] as const
type Operation = (typeof operations)[number]

const isOperation = (word: string | undefined): word is Operation => operations.some((operation) => operation === word)

/** Turns switches on and off by `POST …/ID/on/`, and tells their state by `GET …/ID/status/` or `GET …/ID/`. */
export const createSwitches = (deps: SwitchesDeps): Handler => {
  const { switches } = deps

  const command = async (request: Request): Promise<Answer> => {
    const [, , , , id = '', operation] = request.parts
    if (request.parts.length !== 7) return empty(400)
    const device = switches.get(id)
    if (device === undefined) return empty(404)
    if (!isOperation(operation)) return empty(400)
    const result = await carryOut(device, operation, deadlineOf(request))
    return answerOf(request, { id, operation, result }, 'OK')
  }

  const status = async (request: Request): Promise<Answer> => {
    const [, , , , id = '', word] = request.parts
    const asks = (request.parts.length === 7 && word === 'status') || (request.parts.length === 6 && word === '')
    if (!asks) return empty(405)
    const device = switches.get(id)
    if (device === undefined) return empty(404)
    const result = await device.read(deadlineOf(request))
    return answerOf(request, { id, operation: 'status', result }, result.ok && result.value ? '1' : '0')
  }

  const answerOf = (
    request: Request,
    { id, operation, result }: { readonly id: string; readonly operation: string; readonly result: Result<boolean> },
    said: string,
  ): Answer => {
    deps.onResult(id, operation, result)
    if (result.ok) return text(said)
    const { kind, trouble, reason } = result
    request.log.warn({ id, operation, kind, trouble, reason }, 'the device did not do it')
    if (deps.alwaysOk && operation !== 'status') return text(said)
    return empty(result.kind === 'silent' ? 504 : 502, { 'X-Homeslice-Reason': headerText(result.reason) })
  }

  return (request) => {
    if (request.method === 'POST') return command(request)
    return request.method === 'GET' ? status(request) : empty(405)
  }
}

const deadlineOf = ({ arrived }: Request): AbortSignal =>
  AbortSignal.timeout(Math.max(0, Math.ceil(arrived + requestMilliseconds - performance.now())))

const carryOut = (device: QueuedSwitch, operation: Operation, deadline: AbortSignal): Promise<Result<boolean>> =>
  operation === 'toggle' ? device.toggle(deadline) : device.set(operation === 'on', deadline)

/** Headers hold printable ASCII only; a device's own words may not. */
const headerText = (reason: string): string => reason.replaceAll(/[^\u0020-\u007e]/gu, '?').slice(0, 500)
