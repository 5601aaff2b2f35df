import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

/** What a service answered, or in a sentence why there is nothing. */
export type Called =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | { readonly ok: false; readonly reason: string }

/** HomeKit gives up at 9 s; a service of ours has answered for a dead device within 2.5 s. In milliseconds. */
const callLimit = 8000

/** A status is a few bytes; nobody may fill our memory with one. */
const bodyLimit = 64 * 1024

/** Asks a URL once, on a connection of its own, within a limit that covers everything. Never throws. */
export const call = (method: string, url: string, milliseconds = callLimit): Promise<Called> => {
  const asker = askers[URL.parse(url)?.protocol ?? '']
  return asker === undefined
    ? Promise.resolve({ ok: false, reason: `${url} is no URL of a service` })
    : ask(asker, { method, url, milliseconds })
}

const askers: Readonly<Record<string, typeof plain>> = { 'http:': plain, 'https:': secure }

type Asked = { readonly method: string; readonly url: string; readonly milliseconds: number }

const ask = (asker: typeof plain, { method, url, milliseconds }: Asked): Promise<Called> =>
  new Promise((resolve) => {
    const end = (called: Called): void => {
      clearTimeout(timer)
      request.destroy()
      resolve(called)
    }
    const fail = (reason: string): void => end({ ok: false, reason: `${url}: ${reason}` })
    const request = asker(url, { method, agent: false }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > bodyLimit) fail('the answer is far too long')
        else chunks.push(chunk)
      })
      response.on('error', (error) => fail(`the answer broke off (${error.message})`))
      response.on('end', () =>
        end({ ok: true, status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    const timer = setTimeout(() => fail(`no answer within ${milliseconds / 1000} s`), milliseconds)
    request.on('error', (error) => fail(`no answer (${error.message})`))
    request.end()
  })
