import { closedPort } from '../connect.ts'
import { refused, type Result } from '../switch.ts'
import { exchange } from './exchange.ts'
import { createKlap } from './klap/exchange.ts'
import { type KasaPlace, klapPort, legacyPort, type Wire } from './place.ts'

type Way = (...asked: Parameters<Wire>) => Promise<Result | typeof closedPort>

/**
 * Finds by which protocol a device is spoken to: an open port 9999 means the legacy one, a closed one KLAP. What worked
 * is tried first from then on; firmware changes it.
 */
export const createWire = (): Wire => {
  let ways: readonly Way[] = [exchange, createKlap()]
  return async (place, message, deadline) => {
    let closed = false
    for (const way of ways) {
      const answer = await way(place, message, deadline)
      // Who has refused one port is there: another that is silent is shut as well, by a firewall perhaps.
      if (answer === closedPort || (closed && isUnreachable(answer))) {
        closed = true
        continue
      }
      ways = [way, ...ways.filter((other) => other !== way)]
      return answer
    }
    return allClosed(place)
  }
}

const isUnreachable = (answer: Result): boolean => !answer.ok && answer.trouble === 'unreachable'

const allClosed = ({ name, host, port = legacyPort, klapPort: other = klapPort }: KasaPlace): Result<never> =>
  refused(
    `${name} at ${host} refuses connections at ports ${port} and ${other}: turn on "Third-Party Integration" in the Kasa app, or set its address if it has changed`,
    'closed',
  )
