import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Credentials } from './credentials.ts'
import { type Asked, exchange } from './exchange.ts'
import { jsonOf } from './json.ts'
import { type Trouble, troubleOfAnswer, troubleOfCut, type Where } from './trouble.ts'

/** How a registry wants to be shown who asks. */
export type Challenge = { readonly scheme: string; readonly parameters: Readonly<Record<string, string>> }

/** Reads `WWW-Authenticate`. Of several ways the first one counts that we know. */
export const challengeOf = (header = ''): Challenge | undefined => {
  const [, scheme, rest = ''] = /(?:^|,\s*)(Bearer|Basic)\b([^]*)/iu.exec(header) ?? []
  if (scheme === undefined) return undefined
  const pairs = [...rest.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/giu)]
  const parameters = pairs.map(([, key = '', quoted, bare]) => [key.toLowerCase(), quoted ?? bare ?? ''] as const)
  return { scheme: scheme.toLowerCase(), parameters: Object.fromEntries(parameters) }
}

/** Whether nobody else can listen: TLS, or this machine itself. */
export const isPrivate = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/u.test(hostname)

/** For whom and for what we log in. */
export type Login = {
  readonly where: Where
  readonly credentials: Credentials | undefined
  /** The repositories that will be pushed to: one token for all of them. */
  readonly repositories: readonly string[]
  readonly signal: AbortSignal
}

type Authorised = { readonly ok: true; readonly authorization: string } | Trouble

/** Answers a challenge: with the login itself, or with a token that the login is exchanged for. */
export const logIn = async (challenge: Challenge, login: Login): Promise<Authorised> => {
  const { where, credentials } = login
  if (challenge.scheme === 'bearer') return fetchToken(challenge, login)
  if (credentials !== undefined && 'username' in credentials) return { ok: true, authorization: basic(credentials) }
  return refusedBy(where)
}

const basic = ({ username, password }: { readonly username: string; readonly password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const refusedBy = (where: Where): Trouble => troubleOfAnswer(where, { ok: true, status: 401, headers: {}, text: '' })

const tokenSchema = z
  .object({ token: z.string().optional(), access_token: z.string().optional() })
  .transform(({ token, access_token: access }) => token ?? access)

const fetchToken = async ({ parameters }: Challenge, login: Login): Promise<Authorised> => {
  const { where, signal } = login
  const realm = URL.canParse(parameters['realm'] ?? '') ? new URL(parameters['realm'] ?? '') : undefined
  if (realm === undefined || !isPrivate(realm)) {
    return {
      ok: false,
      message: `${where.host} sends us to ${realm?.href ?? 'nowhere'} for a token, where others could listen`,
      fix: 'set an https address as its realm',
      again: false,
    }
  }
  const answer = await exchange(tokenRequest(realm, parameters['service'], login), signal)
  if (!answer.ok) return troubleOfCut(realm.host, answer)
  // Some say 403 or 400 where they mean that they do not know the login.
  if (answer.status >= 400 && answer.status < 404) return refusedBy(where)
  if (answer.status !== 200) return troubleOfAnswer({ ...where, host: realm.host }, answer)
  const token = tokenSchema.safeParse(jsonOf(answer.text))
  if (token.data !== undefined) return { ok: true, authorization: `Bearer ${token.data}` }
  return {
    ok: false,
    message: `${realm.host} gives no token for ${where.host} that can be read`,
    fix: 'look at the log of the registry',
    again: false,
  }
}

const tokenRequest = (realm: URL, service: string | undefined, { credentials, repositories }: Login): Asked => {
  const wanted = new URLSearchParams(service === undefined ? {} : { service })
  const scopes = repositories.map((repository) => `repository:${repository}:pull,push`)
  if (credentials !== undefined && 'refresh' in credentials) {
    wanted.append('scope', scopes.join(' '))
    wanted.append('grant_type', 'refresh_token')
    wanted.append('client_id', 'homeslice')
    wanted.append('refresh_token', credentials.refresh)
    const form = wanted.toString()
    return {
      method: 'POST',
      url: realm,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: { bytes: Buffer.byteLength(form), open: () => Readable.from([form]) },
    }
  }
  const url = new URL(realm)
  for (const scope of scopes) wanted.append('scope', scope)
  for (const [key, value] of wanted) url.searchParams.append(key, value)
  return {
    method: 'GET',
    url,
    ...(credentials === undefined ? {} : { headers: { authorization: basic(credentials) } }),
  }
}
