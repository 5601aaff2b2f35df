import { createServer } from 'node:net'

/** Whether a program could listen on this port of 127.0.0.1 now. */
export const portIsFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })

/** The first free port from `wanted` on that is not in `taken`; undefined when none of the next `tries` is. */
export const nextFreePort = async (
  wanted: number,
  { taken = [], tries = 200, isFree = portIsFree }: PortOptions = {},
): Promise<number | undefined> => {
  for (let port = wanted; port < wanted + tries && port < 65_536; port++) {
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  return undefined
}

/** How `nextFreePort` looks. */
export type PortOptions = {
  /** Ports that count as taken although nobody listens now, such as those of stopped sandboxes. */
  readonly taken?: readonly number[]
  /** @default 200 */
  readonly tries?: number
  readonly isFree?: (port: number) => Promise<boolean>
}
