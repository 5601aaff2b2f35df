import { addAbortListener } from 'node:events'
import { closedPort, connectTo } from '../connect.ts'
import { refused, type Result, silent } from '../switch.ts'
import { decodeFrame, encodeFrame } from './frame.ts'
import { parsed } from './parsed.ts'
import { type KasaPlace, legacyPort } from './place.ts'

/** One message to a device and its answer, on a connection of its own that is closed whatever happens. */
export const exchange = async (
  { name, host, port = legacyPort }: KasaPlace,
  message: object,
  deadline: AbortSignal,
): Promise<Result | typeof closedPort> => {
  const connected = await connectTo(name, host, port, deadline)
  if (connected === closedPort || !connected.ok) return connected
  const socket = connected.value
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let [length, wanted] = [0, 0]
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
      chunks.push(chunk)
      length += chunk.length
      // Joined only where it may be whole: one who sends byte by byte must not cost more than its bytes.
      if (length < wanted) return
      const decoded = decodeFrame(Buffer.concat(chunks))
      if (decoded.state === 'more') ({ wanted } = decoded)
      if (decoded.state === 'whole') end(parsed(name, decoded.message))
      if (decoded.state === 'too long')
        end(refused(`${name} announced an answer of ${decoded.announced} bytes, which no switch sends`, 'nonsense'))
    })
    socket.on('error', (error) => end(refused(`${name} broke off: ${error.message}`, 'broke-off')))
    socket.on('close', () => end(refused(`${name} broke off before it had answered`, 'broke-off')))
    socket.write(encodeFrame(JSON.stringify(message)))
  })
}
