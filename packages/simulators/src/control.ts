import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { faults, type Fault, type Simulator } from './fault.ts'

const isFault = (word: unknown): word is Fault => faults.some((fault) => fault === word)

/** The side door: `GET /state` tells what the device is, `PUT /state` and `PUT /fault` change it. */
export const serveControl = (simulator: Simulator, port: number, host?: string): Promise<number> => {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
    }
    const change = async (): Promise<void> => {
      const asked = await jsonOf(request)
      if (request.url === '/fault' && isFault(asked.kind)) await simulator.setFault(asked.kind)
      else if (request.url === '/state' && typeof asked.on === 'boolean') simulator.setOn(asked.on)
      else return answer(400, { error: `PUT /fault {"kind": one of ${faults.join(', ')}} or PUT /state {"on": true}` })
      answer(200, simulator.state())
    }
    if (request.method === 'GET' && request.url === '/state') answer(200, simulator.state())
    else if (request.method === 'PUT') change().catch((error: unknown) => answer(400, { error: String(error) }))
    else answer(404, { error: 'GET /state, PUT /state, PUT /fault' })
  })
  return listen(server, port, host)
}

/** Gives the port once it is open (0 asks for a free one). */
const listen = (server: Server, port: number, host?: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port))
  })

const jsonOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const data: unknown = JSON.parse(Buffer.concat(chunks).toString())
  return typeof data === 'object' && data !== null ? { ...data } : {}
}

/** `/healthz` and `/readyz`: a simulator is ready as soon as it runs, whatever fault it plays. */
export const serveHealth = (port: number, host?: string): Promise<number> => {
  const server = createServer((request, response) => {
    const known = request.url === '/healthz' || request.url === '/readyz'
    response
      .writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' })
      .end(known ? '{"ready":true}\n' : '{}\n')
  })
  return listen(server, port, host)
}
