import { closedPort } from '../../connect.ts'
import { refused, type Result } from '../../switch.ts'
import { parsed } from '../parsed.ts'
import type { KasaPlace, Wire } from '../place.ts'
import { handshake, say, type Session } from './handshake.ts'

/** A session is over: the device forgot it, or hid its answer by another. */
const over = 'over'

type Kept = { readonly session: Session; uses: number }

/** Two sessions that end after one request are no accident: that is firmware that wants a login for each. */
const enough = 2

/** Speaks KLAP with a device: logs in where it must, and again where the device has forgotten. */
export const createKlap = (): ((...asked: Parameters<Wire>) => Promise<Result | typeof closedPort>) => {
  let kept: Kept | undefined
  let endedAfterOne = 0

  /** The one session that was kept, once: it may have ended on the device's side. */
  const byKept = async (place: KasaPlace, message: string, deadline: AbortSignal): Promise<Answer> => {
    if (kept === undefined || kept.session.expires <= performance.now()) return over
    const { uses } = kept
    const answer = await request(place, kept, message, deadline)
    if (answer !== over) endedAfterOne = 0
    else if (uses === 1) endedAfterOne += 1
    return answer
  }

  return async (place, message, deadline) => {
    const text = JSON.stringify(message)
    const answer = await byKept(place, text, deadline)
    if (answer !== over) return answer
    kept = undefined
    const session = await handshake(place, deadline)
    if (session === closedPort || !session.ok) return session
    const fresh = { session: session.value, uses: 0 }
    const second = await request(place, fresh, text, deadline)
    if (second === over)
      return refused(`${place.name} ended the session in which it was asked: unplug it for ten seconds`, 'broke-off')
    if (endedAfterOne < enough) kept = fresh
    return second
  }
}

type Answer = Result | typeof over | typeof closedPort

const request = async (place: KasaPlace, one: Kept, message: string, deadline: AbortSignal): Promise<Answer> => {
  const { cipher, cookie } = one.session
  const { sequence, body } = cipher.seal(message)
  const answer = await say(place, { step: `request?seq=${sequence}`, body, cookie }, deadline)
  if (answer === closedPort) return closedPort
  if (!answer.ok) return answer.trouble === 'broke-off' ? over : answer
  const text = answer.value.status === 200 ? cipher.open(sequence, answer.value.body) : undefined
  if (text === undefined) return over
  one.uses += 1
  return parsed(place.name, text)
}
