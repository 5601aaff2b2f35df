import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '@homeslice/render'
import { connect, type Connection } from './connection.ts'
import { kinds, pathOf, pathOfKind } from './kinds.ts'

/** Status and body. */
export type Told = readonly [number, object]

/**
 * What a server answers by method and path, without the query; of several answers one after the other, and then the
 * last one. It refuses all else.
 */
export type Answers = Readonly<Record<string, Told | readonly Told[]>>

/** What asks about an object: `GET` and its path. */
export const at = (method: string, object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): string =>
  `${method} ${pathOf(object)}`

/** A cluster that has no object of any kind of ours. */
export const nothing: Answers = Object.fromEntries(
  kinds.map((kind) => [`GET ${pathOfKind(kind)}`, [200, { items: [] }]]),
)

const version: Answers = { 'GET /version': [200, { gitVersion: 'v1.36.3' }] }
const servers = new Set<Server>()

/** Ends every server of a test. */
export const stopServers = (): void => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  servers.clear()
}

/** A server that answers as it is told, the way to it, and what it was asked since. */
export const serverWith = async (answers: Answers): Promise<{ connection: Connection; asked: string[] }> => {
  const asked: string[] = []
  const told = new Map<string, number>()
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url?.split('?')[0]}`
    asked.push(key)
    const answer = { ...version, ...answers }[key] ?? [403, { message: 'forbidden' }]
    const count = told.get(key) ?? 0
    told.set(key, count + 1)
    const [status, body] = isOne(answer) ? answer : (answer[count] ?? answer.at(-1) ?? [500, {}])
    request
      .resume()
      .on('end', () => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body)))
  })
  servers.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const connected = await connectTo(url)
  if (!connected.ok) throw new Error(connected.message)
  asked.length = 0
  return { connection: connected.connection, asked }
}

const isOne = (answer: Told | readonly Told[]): answer is Told => typeof answer[0] === 'number'

const connectTo = async (url: string): ReturnType<typeof connect> => {
  const folder = mkdtempSync(join(tmpdir(), 'homeslice-answers-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const text = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'one',
  }
  writeFileSync(kubeconfig, JSON.stringify(text))
  try {
    return await connect({ kubeconfig })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
