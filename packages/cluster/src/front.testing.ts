import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { load } from 'js-yaml'

/** How the front behaves. Shares are of all requests, 0 to 1. */
type Mood = {
  readonly delayMilliseconds?: number
  /** Answered in place of the server, each as likely as the other; 409 only where something is written. */
  readonly statuses?: readonly number[]
  readonly share?: number
  /** How many connections are cut, half of them after the server has done what it was asked. */
  readonly cut?: number
}

/** A front before an API server that can have bad days, reached by a kubeconfig of its own. */
export type Front = {
  readonly kubeconfig: string
  readonly be: (mood: Mood) => void
  /** Closes its port and every connection. */
  readonly leave: () => Promise<void>
  /** Opens the same port again. */
  readonly comeBack: () => Promise<void>
}

type Config = {
  readonly clusters: readonly { readonly cluster: Record<string, string> }[]
  readonly users: readonly { readonly user: Record<string, string> }[]
}

/** Random numbers, 0 to 1, that are the same for the same seed (mulberry32). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Starts a front before the server of a kubeconfig; writes its own kubeconfig to `path`. */
export const startFront = async (kubeconfig: string, path: string, seed: number): Promise<Front> => {
  const { clusters, users } = load(readFileSync(kubeconfig, 'utf8')) as Config
  const { cluster = {} } = clusters[0] ?? {}
  const { user = {} } = users[0] ?? {}
  const data = (group: Record<string, string>, name: string): Buffer =>
    group[`${name}-data`] === undefined
      ? readFileSync(group[name] ?? '')
      : Buffer.from(group[`${name}-data`] ?? '', 'base64')
  const identity = {
    ca: data(cluster, 'certificate-authority'),
    cert: data(user, 'client-certificate'),
    key: data(user, 'client-key'),
  }
  const agent = new Agent({ keepAlive: true, ...identity })
  const random = randomFrom(seed)
  let mood: Mood = {}

  const pass = (asked: IncomingMessage, answer: ServerResponse, cutAfter: boolean): void => {
    const onward = request(new URL(asked.url ?? '/', cluster.server), {
      method: asked.method,
      headers: { ...asked.headers, host: new URL(cluster.server ?? '').host },
      agent,
    })
    onward.on('response', (response) => {
      if (cutAfter) answer.destroy()
      else response.pipe(answer.writeHead(response.statusCode ?? 500, response.headers))
    })
    onward.on('error', () => answer.destroy())
    asked.pipe(onward)
  }
  const refuse = (answer: ServerResponse, status: number): void => {
    answer.writeHead(status, { 'Content-Type': 'application/json' })
    answer.end(JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message: `a bad day: ${status}` }))
  }
  const server = createServer((asked, answer) => {
    const { delayMilliseconds = 0, statuses = [], share = 0, cut = 0 } = mood
    setTimeout(() => {
      const lot = random()
      if (lot < cut / 2) return void answer.destroy()
      if (lot < cut) return pass(asked, answer, true)
      const possible = statuses.filter((status) => status !== 409 || asked.method !== 'GET')
      const status = lot < cut + share ? possible[Math.floor(random() * possible.length)] : undefined
      return status === undefined ? pass(asked, answer, false) : refuse(answer, status)
    }, delayMilliseconds)
  })
  const listen = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  const port = await listen(0)
  const own = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'front', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'front', user: {} }],
    contexts: [{ name: 'front', context: { cluster: 'front', user: 'front' } }],
    'current-context': 'front',
  }
  writeFileSync(path, JSON.stringify(own))
  return {
    kubeconfig: path,
    be: (next) => void (mood = next),
    leave: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    comeBack: async () => void (await listen(port)),
  }
}
