import { createServer } from 'node:net'

/** Opens a port on loopback and shuts it again: whether it can be had. */
export const isFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })

/** Ports in order from a first one, each name with one of its own for as long as this lasts; those taken are passed over. */
export const createPorts = (first: number) => {
  const known = new Map<string, number>()
  let next = first
  const nextFree = async (): Promise<number> => {
    while (next <= 65_535) {
      const port = next
      next += 1
      if (await isFree(port)) return port
    }
    return 0
  }
  return {
    /** Gives every name its port. */
    take: async (names: readonly string[]): Promise<void> => {
      for (const name of names) if (!known.has(name)) known.set(name, await nextFree())
    },
    /** The port of a name that took one. */
    of: (name: string): number => known.get(name) ?? 0,
  }
}

/** Addresses of 127.0.0.0/8, one for each name: devices listen on ports that their protocol fixes. */
export const createAddresses = (page: number) => {
  const known = new Map<string, number>()
  return (name: string): string => {
    const index = known.get(name) ?? known.size + 1
    known.set(name, index)
    // Two homes on one machine have two pages, and so addresses that differ.
    return `127.${page >> 8}.${page & 255}.${index}`
  }
}
