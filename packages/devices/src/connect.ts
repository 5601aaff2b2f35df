import { addAbortListener } from 'node:events'
import { connect, type Socket } from 'node:net'
import { refused, type Result, silent } from './switch.ts'

/** A device that is there accepts at once: one that has not by then is not waited for. */
export const connectMilliseconds = 1000

/** A port where nobody listens: the device may have another. */
export const closedPort = 'closed port'

/** A TCP connection to a device, or why there is none. */
export const connectTo = (
  name: string,
  host: string,
  port: number,
  deadline: AbortSignal,
): Promise<Result<Socket> | typeof closedPort> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: true })
    const limit = AbortSignal.any([deadline, AbortSignal.timeout(connectMilliseconds)])
    const end = (result: Result<Socket> | typeof closedPort): void => {
      waiting[Symbol.dispose]()
      socket.removeAllListeners('error').removeAllListeners('connect')
      if (result === closedPort || !result.ok) socket.on('error', () => undefined).destroy()
      resolve(result)
    }
    const waiting = addAbortListener(limit, () => end(deadline.aborted ? late(name) : notThere(name, host)))
    socket.once('connect', () => end({ ok: true, value: socket }))
    socket.once('error', (error: NodeJS.ErrnoException) => end(whyNot(name, host, error)))
  })

/** What a system says when no way leads to a device, as when it is unplugged. */
export const unreachable: ReadonlySet<string | undefined> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])

/** Its time was over before it could show whether it is there, as after a long wait. */
export const late = (name: string): Result<never> =>
  silent(`${name} did not answer in time; is it plugged in and on the network?`)

/** Nobody answers at an address: no power, or the router gave the device another one. */
export const notThere = (name: string, host: string): Result<never> =>
  silent(
    `${name} at ${host} does not answer: plug it in, or set its new address if the router gave it another`,
    'unreachable',
  )

/** Why a connection failed or broke, in words. */
export const whyNot = (
  name: string,
  host: string,
  { code, message }: NodeJS.ErrnoException,
): Result<never> | typeof closedPort => {
  if (code === 'ECONNREFUSED') return closedPort
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return refused(
      `the name of ${name}, ${host}, is not known: set its IP address, or teach the router its name`,
      'unknown-name',
    )
  }
  return unreachable.has(code) ? notThere(name, host) : refused(`${name} at ${host} broke off: ${message}`, 'broke-off')
}
