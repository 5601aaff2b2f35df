import { randomUUID } from 'node:crypto'

/** Tokens of accounts that signed in, and for how long they are good. */
export type TokenDesk = {
  readonly give: () => { readonly accessToken: string; readonly refreshToken: string }
  /** Whether this access token is good now. */
  readonly admits: (authorization: string | undefined) => boolean
  /** New tokens for a refresh token, which is then used up; nothing for one that is not good. */
  readonly renew: (refreshToken: unknown) => ReturnType<TokenDesk['give']> | undefined
  /** Makes every token bad before its time. */
  readonly revoke: () => void
}

const accessMilliseconds = 60 * 60 * 1000
const refreshMilliseconds = 30 * 24 * 60 * 60 * 1000

/** Tokens by this clock (milliseconds). */
export const createTokenDesk = (now: () => number): TokenDesk => {
  const access = new Map<string, number>()
  const refresh = new Map<string, number>()
  const give: TokenDesk['give'] = () => {
    const tokens = { accessToken: randomUUID(), refreshToken: randomUUID() }
    access.set(tokens.accessToken, now() + accessMilliseconds)
    refresh.set(tokens.refreshToken, now() + refreshMilliseconds)
    return tokens
  }
  return {
    give,
    admits: (authorization = '') => (access.get(authorization.replace(/^Bearer /u, '')) ?? 0) > now(),
    renew: (token) => {
      const until = typeof token === 'string' ? refresh.get(token) : undefined
      if (typeof token !== 'string' || until === undefined || until <= now()) return undefined
      refresh.delete(token)
      return give()
    },
    revoke: () => {
      access.clear()
      refresh.clear()
    },
  }
}
