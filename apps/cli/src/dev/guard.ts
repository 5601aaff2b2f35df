import type { IncomingMessage, ServerResponse } from 'node:http'

/** Why a request to the page is turned away, with its status; nothing where it may pass. */
export type Refusal = { readonly status: 403 | 405 | 415 | 421; readonly why: string }

/**
 * Only the page itself may read or write here. Another site could name this port by a host of its own (DNS rebinding), so
 * the Host must be ours; it could send a form or a fetch here, so a write must say that it comes from our own page.
 */
export const refusalOf = ({ method, headers }: IncomingMessage, port: number): Refusal | undefined => {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (!ours.includes(headers.host ?? '')) return { status: 421, why: `the Host of this page is ${ours[0]}` }
  const { origin, 'sec-fetch-site': site = 'same-origin' } = headers
  const isOurs = origin === `http://${headers.host}`
  if (origin !== undefined && !isOurs) return { status: 403, why: 'only this page itself may ask' }
  if (method === 'GET' || method === 'HEAD') {
    // A person may type the address ("none"); another site may only link to the page, which changes nothing.
    return undefined
  }
  if (method !== 'POST') return { status: 405, why: 'there are GET, HEAD and POST' }
  if (!isOurs || site !== 'same-origin')
    return { status: 403, why: 'a change must say its Origin, and be asked by this page' }
  if (!/^application\/json(;|$)/u.test(headers['content-type'] ?? '')) return { status: 415, why: 'a change is JSON' }
  return undefined
}

/** Nothing from elsewhere is loaded, nothing inline runs, nobody may frame it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** Headers of every answer of the page. */
export const guardHeaders = (response: ServerResponse): void => {
  response.setHeader('Content-Security-Policy', policy)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cache-Control', 'no-store')
}
