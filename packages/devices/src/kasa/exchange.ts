import { addAbortListener } from 'node:events'
import { connectTo } from '../connect.ts'
import { refused, type Result, silent } from '../switch.ts'
import { decodeFrame, encodeFrame } from './frame.ts'

/** Where a Kasa device is, and what people call it. */
export type KasaPlace = { readonly name: string; readonly host: string; readonly port?: number }

/** Every legacy Kasa device listens here. */
const kasaPort = 9999

/** One message to a device and its answer, on a connection of its own that is closed whatever happens. */
export const exchange = async (
  { name, host, port = kasaPort }: KasaPlace,
  message: object,
  deadline: AbortSignal,
): Promise<Result> => {
  const connected = await connectTo(name, host, port, deadline)
  if (!connected.ok) {
    return connected.kind === 'refused' && connected.reason.includes('refuses')
      ? refused(`${connected.reason}; newer firmware closes it: turn on "Third-Party Integration" in the Kasa app`)
      : connected
  }
  const socket = connected.value
  return new Promise((resolve) => {
    let arrived = Buffer.alloc(0)
    const end = (result: Result): void => {
      waiting[Symbol.dispose]()
      socket
        .removeAllListeners()
        .on('error', () => undefined)
        .destroy()
      resolve(result)
    }
    const late = (): void => end(silent(`${name} took the command and did not answer in time`))
    const waiting = addAbortListener(deadline, late)
    socket.on('data', (chunk) => {
      arrived = Buffer.concat([arrived, chunk])
      const decoded = decodeFrame(arrived)
      if (decoded.state === 'whole') end(parsed(name, decoded.message))
      if (decoded.state === 'too long')
        end(refused(`${name} announced an answer of ${decoded.announced} bytes, which no switch sends`))
    })
    socket.on('error', (error) => end(refused(`${name} broke off: ${error.message}`)))
    socket.on('close', () => end(refused(`${name} broke off before it had answered`)))
    socket.write(encodeFrame(JSON.stringify(message)))
  })
}

const parsed = (name: string, message: string): Result => {
  try {
    return { ok: true, value: JSON.parse(message) as unknown }
  } catch {
    return refused(`${name} answered something that is no JSON`)
  }
}
