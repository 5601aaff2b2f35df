import type { Result } from '../switch.ts'
import type { Account } from './klap/account.ts'

/** Every legacy Kasa device listens here. */
export const legacyPort = 9999

/** KLAP is HTTP. */
export const klapPort = 80

/** Where a Kasa device is, what people call it, and what it wants to be spoken to with. */
export type KasaPlace = {
  readonly name: string
  readonly host: string
  /** Of the legacy protocol. @default 9999 */
  readonly port?: number
  /** Of KLAP. @default 80 */
  readonly klapPort?: number
  /** One outlet of a strip, by its place (from 0), its name in the app, or its id. @default the whole device */
  readonly child?: string
  /** Gives the account that the device was set up with; asked at each login. @default none: those of the factory are tried */
  readonly account?: () => Promise<Result<Account>>
}

/** Asks whoever is at a place something and gives the answer, parsed; what was learnt of the device stays with it. */
export type Wire = (place: KasaPlace, message: object, deadline: AbortSignal) => Promise<Result>

/** The same of one place. */
export type Ask = (message: object, deadline: AbortSignal) => Promise<Result>
