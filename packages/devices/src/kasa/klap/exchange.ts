import { closedPort } from '../../connect.ts'
import { refused, type Result } from '../../switch.ts'
import { parsed } from '../parsed.ts'
import type { KasaPlace } from '../place.ts'
import { handshake, say, type Session } from './handshake.ts'

/** A session is over: the device forgot it, or hid its answer by another. */
const over = 'over'

type Kept = { readonly session: Session; uses: number }

/** Two sessions that end after one request are no accident: that is firmware that wants a login for each. */
const enough = 2

/** Speaks KLAP with a device: logs in where it must, and again where the device has forgotten. */
export const createKlap = (
  place: KasaPlace,
): ((message: object, deadline: AbortSignal) => Promise<Result | typeof closedPort>) => {
  const { name } = place
  let kept: Kept | undefined
  let endedAfterOne = 0

  const login = async (deadline: AbortSignal): Promise<Result<Kept> | typeof closedPort> => {
    kept = undefined
    const session = await handshake(place, deadline)
    if (session === closedPort || !session.ok) return session
    return { ok: true, value: { session: session.value, uses: 0 } }
  }

  const request = async (
    one: Kept,
    message: string,
    deadline: AbortSignal,
  ): Promise<Result | typeof over | typeof closedPort> => {
    const { cipher, cookie } = one.session
    const { sequence, body } = cipher.seal(message)
    const answer = await say(place, { step: `request?seq=${sequence}`, body, cookie }, deadline)
    if (answer === closedPort) return closedPort
    if (!answer.ok) return answer.trouble === 'broke-off' ? over : answer
    const text = answer.value.status === 200 ? cipher.open(sequence, answer.value.body) : undefined
    if (text === undefined) return over
    one.uses += 1
    return parsed(name, text)
  }

  /** The one session that was kept, once: it may have ended on the device's side. */
  const byKept = async (message: string, deadline: AbortSignal): Promise<Result | typeof over | typeof closedPort> => {
    if (kept === undefined || kept.session.expires <= performance.now()) return over
    const answer = await request(kept, message, deadline)
    if (answer !== over) endedAfterOne = 0
    else if (kept.uses === 1) endedAfterOne += 1
    return answer
  }

  return async (message, deadline) => {
    const text = JSON.stringify(message)
    const answer = await byKept(text, deadline)
    if (answer !== over) return answer
    const fresh = await login(deadline)
    if (fresh === closedPort || !fresh.ok) return fresh
    const second = await request(fresh.value, text, deadline)
    if (second === over)
      return refused(`${name} ended the session in which it was asked: unplug it for ten seconds`, 'broke-off')
    if (endedAfterOne < enough) kept = fresh.value
    return second
  }
}
