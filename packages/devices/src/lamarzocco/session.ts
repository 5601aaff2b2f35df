import { byDeadline } from '../deadline.ts'
import { mapResult, refused, type Result, silent } from '../switch.ts'
import type { Tokens } from './answers.ts'
import { type Answered, type Call, callCloud, cloud } from './call.ts'
import { createPause } from './pause.ts'
import { signedHeaders } from './proof.ts'
import { type LetIn, type Place, refreshTokens, signIn, statusInWords, succeeded } from './sign-in.ts'

/** An account that is signed in, or will be by the time it is needed. */
export type Session = {
  /** Asks the cloud, signed in; gives the JSON of a good answer. */
  readonly ask: (call: Omit<Call, 'headers'>, deadline: AbortSignal) => Promise<Result>
  /** Signs in now, so that the first who asks need not wait. */
  readonly prepare: () => Promise<Result<string>>
}

/** The cloud's tokens are good for an hour and are renewed in the last ten minutes of it. */
const tokenMilliseconds = 60 * 60 * 1000
const renewMilliseconds = 10 * 60 * 1000
/** Longer than a request may wait: a sign-in goes on behind it, for the next one. */
const signInMilliseconds = 10_000

/** Waits that the cloud may ask for in words of its own are not understood, only seconds. */
const seconds = (retryAfter: string | undefined): number => (/^\d+$/u.test(retryAfter ?? '') ? Number(retryAfter) : 0)

/** A session of one account; `ended` cuts all that it still waits for. */
export const createSession = (place: Place, ended: AbortSignal): Session => {
  const { base, key, now } = place
  const pause = createPause(now)
  let held: (Tokens & { readonly until: number }) | undefined
  let renewing: Promise<Result<string>> | undefined

  const left = (): number => (held === undefined ? 0 : held.until - now())

  const letIn = async (): Promise<LetIn> => {
    const limit = AbortSignal.any([ended, AbortSignal.timeout(signInMilliseconds)])
    if (held !== undefined && left() > 0) {
      const refreshed = await refreshTokens(place, held.refresh, limit)
      if (refreshed.ok) return refreshed
    }
    return signIn(place, limit)
  }
  const renew = async (): Promise<Result<string>> => {
    const paused = pause.reason()
    if (paused !== undefined) return paused
    const entry = await letIn()
    if (!entry.ok) {
      const { result, answered } = entry
      if (answered === undefined || result.ok) return result
      return pause.begin(result.reason, seconds(answered.retryAfter))
    }
    held = { ...entry.tokens, until: now() + tokenMilliseconds }
    return { ok: true, value: held.access }
  }
  const renewal = (): Promise<Result<string>> => {
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    return renewing
  }
  const token = (deadline: AbortSignal): Promise<Result<string>> => {
    const { access } = held ?? {}
    if (access !== undefined && left() > renewMilliseconds) return Promise.resolve({ ok: true, value: access })
    const work = renewal()
    // The old token is still good: nobody waits for the new one.
    if (access !== undefined && left() > 0) return Promise.resolve({ ok: true, value: access })
    return byDeadline(deadline, work, silent(`${cloud} has not let this account in yet; press again in a moment`))
  }
  const judged = ({ status, body, retryAfter }: Answered): Result => {
    if (status === 403 || status === 429) return pause.begin(statusInWords(status), seconds(retryAfter))
    if (!succeeded(status)) return refused(statusInWords(status))
    pause.over()
    return body === undefined ? refused(`${cloud} answered something that is no JSON`) : { ok: true, value: body }
  }
  const attempt = async (
    call: Omit<Call, 'headers'>,
    access: string,
    deadline: AbortSignal,
  ): Promise<Result<Answered>> => {
    const headers = { ...signedHeaders(key, now()), Authorization: `Bearer ${access}` }
    return callCloud(base, { ...call, headers }, AbortSignal.any([ended, deadline]))
  }
  return {
    prepare: renewal,
    ask: async (call, deadline) => {
      const paused = pause.reason()
      if (paused !== undefined) return paused
      const first = await token(deadline)
      if (!first.ok) return first
      const answer = await attempt(call, first.value, deadline)
      if (!answer.ok || answer.value.status !== 401) return mapResult(answer, judged)
      // The token ended before its time: once more with a new one.
      if (held?.access === first.value) held = undefined
      const second = await token(deadline)
      return second.ok ? mapResult(await attempt(call, second.value, deadline), judged) : second
    },
  }
}
