import { createServer } from 'node:http'
import type { Registry } from 'prom-client'
import { listen, type RunningServer } from './server.ts'

/** What a service says of itself when asked whether it is ready: facts for people, never a reason to be unready. */
export type Facts = () => Readonly<Record<string, unknown>>

type Served = {
  readonly registry: Registry
  readonly ready: () => boolean
  readonly facts: Facts
  /** The address to listen on. @default all interfaces */
  readonly host?: string | undefined
}

/** `/healthz`, `/readyz` and `/metrics` on a port of their own: the service's own paths belong to its contract. */
export const serveHealth = async (port: number, { registry, ready, facts, host }: Served): Promise<RunningServer> => {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0]
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    }
    if (path === '/healthz') json(200, { alive: true })
    else if (path === '/readyz') json(ready() ? 200 : 503, { ready: ready(), ...facts() })
    else if (path === '/metrics') {
      registry.metrics().then(
        (metrics) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(metrics),
        () => json(500, { error: 'the metrics cannot be collected' }),
      )
    } else json(404, { error: 'there are /healthz, /readyz and /metrics' })
  })
  return {
    port: await listen(server, port, host),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
