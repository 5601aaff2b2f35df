import { addAbortListener } from 'node:events'
import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http'
import { type closedPort, connectMilliseconds, late, notThere, whyNot } from './connect.ts'
import { refused, type Result, silent } from './switch.ts'

/** One HTTP POST to a device. */
export type Call = {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly path: string
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** A whole answer. */
export type Answered = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }

/** No device that we know has more to say. */
const bodyLimit = 64 * 1024

/** Posts on a connection of its own, which is closed whatever happens: devices drop the ones that are kept. */
export const post = (call: Call, deadline: AbortSignal): Promise<Result<Answered> | typeof closedPort> =>
  new Promise((resolve) => {
    const { name, host } = call
    const outgoing = open(call)
    let connected = false
    const end = (result: Result<Answered> | typeof closedPort): void => {
      clearTimeout(connecting)
      waiting[Symbol.dispose]()
      outgoing.destroy()
      resolve(result)
    }
    const over = (): void => end(connected ? silent(`${name} took the command and did not answer in time`) : late(name))
    const brokeOff = (): void => end(refused(`${name} broke off before it had answered`, 'broke-off'))
    const connecting = setTimeout(() => end(notThere(name, host)), connectMilliseconds)
    const waiting = addAbortListener(deadline, over)
    outgoing.on('socket', (socket) =>
      socket.once('connect', () => {
        connected = true
        clearTimeout(connecting)
      }),
    )
    outgoing.on('error', (error) => end(whyNot(name, host, error)))
    // One that changes protocols ends without an error and without an answer.
    outgoing.on('close', brokeOff)
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > bodyLimit) end(refused(`${name} answered more than a switch has to say`, 'nonsense'))
      })
      response.on('error', brokeOff)
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        end({ ok: true, value: { status, headers, body: Buffer.concat(chunks) } })
      })
    })
    outgoing.end(call.body)
  })

const open = ({ host, port, path, headers = {}, body }: Call): ClientRequest =>
  request({
    host,
    port,
    method: 'POST',
    path,
    agent: false,
    headers: { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(body) },
  })
