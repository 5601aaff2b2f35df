import { addAbortListener } from 'node:events'
import { connect, type Socket } from 'node:net'
import { refused, type Result, silent } from './switch.ts'

const connectMilliseconds = 1000

/** A TCP connection to a device, or why there is none; a device that is there accepts at once. */
export const connectTo = (name: string, host: string, port: number, deadline: AbortSignal): Promise<Result<Socket>> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: true })
    const limit = AbortSignal.any([deadline, AbortSignal.timeout(connectMilliseconds)])
    const end = (result: Result<Socket>): void => {
      waiting[Symbol.dispose]()
      socket.removeAllListeners('error').removeAllListeners('connect')
      if (!result.ok) socket.on('error', () => undefined).destroy()
      resolve(result)
    }
    const late = (): void => end(silent(`${name} at ${host} does not answer; is it plugged in and on the network?`))
    const waiting = addAbortListener(limit, late)
    socket.once('connect', () => end({ ok: true, value: socket }))
    socket.once('error', (error: NodeJS.ErrnoException) => end(whyNot(name, `${host}:${port}`, error)))
  })

/** What a system says when no way leads to a device, as when it is unplugged. */
export const unreachable: ReadonlySet<string | undefined> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])

const whyNot = (name: string, place: string, { code, message }: NodeJS.ErrnoException): Result<never> => {
  if (code === 'ECONNREFUSED') return refused(`${name} refuses connections at ${place}`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return refused(`the name of ${name}, ${place}, is not known`)
  if (unreachable.has(code)) return silent(`${name} at ${place} cannot be reached; is it plugged in?`)
  return refused(`${name} at ${place}: ${message}`)
}
