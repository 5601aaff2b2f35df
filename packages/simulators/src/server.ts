import { createServer, type Server, type Socket } from 'node:net'

/** A TCP server whose connections are all cut when it closes, as when a device loses power. */
export type Door = { readonly open: (port: number) => Promise<void>; readonly shut: () => Promise<void> }

/** Opens and shuts a port for connections. */
export const createDoor = (host: string | undefined, onConnection: (socket: Socket) => void): Door => {
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const shut = async (): Promise<void> => {
    const closing = server
    server = undefined
    for (const socket of sockets) socket.destroy()
    if (closing !== undefined) await new Promise((resolve) => closing.close(resolve))
  }
  return {
    shut,
    open: async (port) => {
      await shut()
      const opening = createServer((socket) => {
        sockets.add(socket)
        socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
        onConnection(socket)
      })
      server = opening
      await new Promise<void>((resolve, reject) => {
        opening.once('error', reject)
        opening.listen(port, host, resolve)
      })
    },
  }
}

/** Sends one byte every 200 ms and never ends; one who has hung up gets none. */
export const dribble = (socket: Socket, bytes: Buffer): void => {
  let at = 0
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer)
    socket.write(bytes.subarray(at % bytes.length, (at % bytes.length) + 1))
    at += 1
  }, 200)
}
