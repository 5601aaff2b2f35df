import { mapResult, refused, type Result } from '../switch.ts'
import { type Answered, callCloud, cloud } from './call.ts'
import type { InstallationKey } from './key.ts'
import { registrationHeaders, signedHeaders } from './proof.ts'
import { tokensOf, type Tokens } from './answers.ts'

/** Who asks, and where. */
export type Place = {
  /** The URL below which the cloud's paths begin. */
  readonly base: string
  readonly account: { readonly user: string; readonly password: string }
  readonly key: InstallationKey
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** An answer that gave no tokens, with its status where there was one. */
type NotLetIn = { readonly ok: false; readonly result: Result<never>; readonly answered?: Answered }

/** Tokens, or why there are none. */
export type LetIn = { readonly ok: true; readonly tokens: Tokens } | NotLetIn

/** Whether a status is one of success. */
export const succeeded = (status: number): boolean => status >= 200 && status < 300

/** Statuses that may mean a key that the cloud does not know yet, as well as a wrong password. */
const keyMayBeNew = new Set([400, 401, 412])

/** Signs in by user and password. A key that the cloud does not know yet is registered, once. */
export const signIn = async (place: Place, deadline: AbortSignal): Promise<LetIn> => {
  const { user, password } = place.account
  const attempt = (): Promise<LetIn> => exchange(place, 'signin', { username: user, password }, deadline)
  const first = await attempt()
  if (first.ok || !keyMayBeNew.has(first.answered?.status ?? 0)) return first
  return (await register(place, deadline)) ? attempt() : first
}

/** Gives new tokens for the refresh token that came with the old ones. */
export const refreshTokens = (place: Place, refreshToken: string, deadline: AbortSignal): Promise<LetIn> =>
  exchange(place, 'refreshtoken', { username: place.account.user, refreshToken }, deadline)

const exchange = async (place: Place, word: string, body: object, deadline: AbortSignal): Promise<LetIn> => {
  const headers = signedHeaders(place.key, place.now())
  const result = await callCloud(place.base, { method: 'POST', path: `/auth/${word}`, headers, body }, deadline)
  if (!result.ok) return { ok: false, result }
  if (!succeeded(result.value.status)) {
    return { ok: false, answered: result.value, result: refused(notLetIn(result.value.status)) }
  }
  const tokens = mapResult(result, ({ body }) => tokensOf(body))
  return tokens.ok ? { ok: true, tokens: tokens.value } : { ok: false, result: tokens }
}

const notLetIn = (status: number): string =>
  keyMayBeNew.has(status)
    ? `${cloud} did not let this account in (${status}): check its user and password, and the clock of this machine`
    : statusInWords(status)

/** What a status of failure means to the person who runs the house. */
export const statusInWords = (status: number): string => {
  if (status === 404 || status === 410) {
    return `${cloud} answered ${status}: its API has changed and this version of Homeslice is too old for it`
  }
  if (status === 403 || status === 429) return `${cloud} turns calls away for now (${status}), as it does in bursts`
  return `${cloud} answered ${status}`
}

const register = async ({ base, key }: Place, deadline: AbortSignal): Promise<boolean> => {
  const call = {
    method: 'POST',
    path: '/auth/init',
    headers: registrationHeaders(key),
    body: { pk: key.publicKey.toString('base64') },
  } as const
  const answer = await callCloud(base, call, deadline)
  return answer.ok && succeeded(answer.value.status)
}
