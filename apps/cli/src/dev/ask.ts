import { request } from 'node:http'

/** An answer as text. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Longer than any service takes, in milliseconds. */
const limit = 10_000
/** What is read of a body, in characters. */
const longest = 65_536

/** Sends one request to a program on this machine, its path exactly as given; the reason where no answer comes. */
export const ask = (
  { host, port }: { readonly host: string; readonly port: number },
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: object },
): Promise<Answer | string> =>
  new Promise((resolve) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const asked = request(
      { host, port, method, path, agent: false, signal: AbortSignal.timeout(limit) },
      (response) => {
        let read = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (read = (read + chunk).slice(0, longest)))
        response.on('error', ({ message }) => resolve(message))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
            body: read,
          }),
        )
      },
    )
    asked.on('error', ({ message }) => resolve(message))
    asked.end(text)
  })
