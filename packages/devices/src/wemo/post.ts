import { addAbortListener } from 'node:events'
import { request } from 'node:http'
import { unreachable } from '../connect.ts'
import { refused, type Result, silent } from '../switch.ts'
import { type Action, actionHeader, envelope } from './soap.ts'

/** Where a call goes. */
export type WemoPlace = { readonly name: string; readonly host: string; readonly port: number }

const bodyLimit = 64 * 1024
const connectMilliseconds = 1000

/** A port where nobody listens: the device may have moved to another. */
export const closedPort = 'closed port'

/** One call on a connection of its own: Wemo devices drop kept connections. Gives the body, or that the port is closed. */
export const post = (
  { name, host, port }: WemoPlace,
  call: { readonly action: Action; readonly state: '' | '0' | '1' },
  deadline: AbortSignal,
): Promise<Result<string> | typeof closedPort> =>
  new Promise((resolve) => {
    const body = envelope(call.action, call.state)
    const outgoing = request({
      host,
      port,
      method: 'POST',
      path: '/upnp/control/basicevent1',
      agent: false,
      headers: {
        'Content-Type': 'text/xml; charset="utf-8"',
        SOAPACTION: actionHeader(call.action),
        Connection: 'close',
        'Content-Length': Buffer.byteLength(body),
      },
    })
    const end = (result: Result<string> | typeof closedPort): void => {
      clearTimeout(connecting)
      waiting[Symbol.dispose]()
      outgoing.destroy()
      resolve(result)
    }
    const late = (): void => end(silent(`${name} did not answer in time; is it plugged in and on the network?`))
    const connecting = setTimeout(late, connectMilliseconds)
    const waiting = addAbortListener(deadline, late)
    outgoing.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)))
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') end(closedPort)
      else if (unreachable.has(error.code)) late()
      else end(refused(`${name} at ${host}:${port}: ${error.message}`))
    })
    outgoing.on('response', (response) => {
      let arrived = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        arrived += chunk
        if (arrived.length > bodyLimit) end(refused(`${name} answered more than a switch has to say`))
      })
      response.on('error', (error) => end(refused(`${name} broke off: ${error.message}`)))
      response.on('end', () =>
        end(
          response.statusCode === 200
            ? { ok: true, value: arrived }
            : refused(`${name} answered ${response.statusCode}`),
        ),
      )
    })
    outgoing.end(body)
  })
