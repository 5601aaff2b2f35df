import { Agent, request as open } from 'node:http'
import type { Request } from './traffic.ts'

/** An answer; status 0 is none at all. */
export type Answer = { readonly request: Request; readonly status: number; readonly milliseconds: number }

/** Longer than any service of ours may take, in milliseconds. */
const patience = 20_000

/** Sends one request to a service on this machine. */
export const send = (port: number, request: Request, agent?: Agent): Promise<Answer> =>
  new Promise((resolve) => {
    const started = performance.now()
    const end = (status: number): void => resolve({ request, status, milliseconds: performance.now() - started })
    const { method, path } = request
    const sent = open(
      { host: '127.0.0.1', port, method, path, agent: agent ?? false, timeout: patience },
      (response) => {
        response.resume().on('end', () => end(response.statusCode ?? 0))
        response.on('error', () => end(0))
      },
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => end(0))
    sent.end()
  })

/** Sends so many requests, some at a time, on connections that stay open as a gateway's do. */
export const sendMany = async (
  port: number,
  next: (turn: number) => Request,
  {
    count,
    atOnce,
    onAnswer,
  }: { readonly count: number; readonly atOnce: number; readonly onAnswer: (answer: Answer) => void },
): Promise<void> => {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  let turn = 0
  const worker = async (): Promise<void> => {
    while (turn < count) {
      turn += 1
      onAnswer(await send(port, next(turn - 1), agent))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  agent.destroy()
}
