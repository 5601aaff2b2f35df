import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, slowMilliseconds } from '../fault.ts'
import type { Speaker } from './device.ts'
import { createDoor, type Door, dribble } from '../server.ts'

const hide = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  let key = 171
  return bytes.map((byte) => (key ^= byte)) as Buffer
}

const reveal = (bytes: Buffer): string => {
  let key = 171
  const plain = Buffer.alloc(bytes.length)
  bytes.forEach((byte, index) => {
    plain[index] = byte ^ key
    key = byte
  })
  return plain.toString()
}

const framed = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([length, hide(text)])
}

const longest = 64 * 1024

/** The legacy protocol: hidden frames over TCP, on a connection that may carry several. */
export const legacyDoor = (host: string | undefined, { fault, answer, onCall }: Speaker): Door => {
  const played: Readonly<Partial<Record<Fault, (socket: Socket, answer: () => Buffer) => unknown>>> = {
    silent: () => undefined,
    garbage: (socket) => socket.write(framed('\u0000 not JSON')),
    huge: (socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3])),
    dribble: (socket, said) => dribble(socket, said().subarray(0, 5)),
    vanish: (socket, said) => {
      const bytes = said()
      socket.write(bytes.subarray(0, bytes.length / 2), () => socket.destroy())
    },
  }
  const reply = async (socket: Socket, message: string): Promise<void> => {
    onCall()
    const said = (): Buffer => framed(answer(message))
    const play = played[fault()]
    if (play !== undefined) return void play(socket, said)
    if (fault() === 'slow') await sleep(slowMilliseconds)
    socket.write(said())
  }
  return createDoor(host, (socket) => {
    let arrived = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      arrived = Buffer.concat([arrived, chunk])
      if (arrived.length > longest) socket.destroy()
      while (arrived.length >= 4 && arrived.length >= 4 + arrived.readUInt32BE()) {
        const end = 4 + arrived.readUInt32BE()
        const message = reveal(arrived.subarray(4, end))
        arrived = arrived.subarray(end)
        // What is no JSON is left unanswered, as the device does.
        reply(socket, message).catch(() => socket.destroy())
      }
    })
  })
}
