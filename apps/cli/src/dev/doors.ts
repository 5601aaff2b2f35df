import type { Server } from 'node:http'
import { isFree } from './ports.ts'

/** The page's port where none is asked for; the door's is the next one, then come the services'. */
const usual = 4400

/** Two ports next to each other, or the one that cannot be had. */
export type Pair =
  | { readonly ok: true; readonly page: number; readonly door: number }
  | { readonly ok: false; readonly taken: number }

/** The page's port and the door's: those that were asked for or none; else the first two that are free. */
export const findPair = async (asked: number | undefined): Promise<Pair> => {
  if (asked !== undefined) {
    for (const port of [asked, asked + 1]) if (!(await isFree(port))) return { ok: false, taken: port }
    return { ok: true, page: asked, door: asked + 1 }
  }
  // Room for a home between two of them.
  for (let page = usual; page < usual + 4000; page += 100) {
    if ((await isFree(page)) && (await isFree(page + 1))) return { ok: true, page, door: page + 1 }
  }
  return { ok: false, taken: usual }
}

/** Opens a server on loopback; false if the port cannot be had after all. */
export const open = (server: Server, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })

/** Shuts a server and all its connections. */
export const shut = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
