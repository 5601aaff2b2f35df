import type { Place } from '../fault.ts'

/** How a device speaks KLAP. */
export type Klap = {
  /** How it counts accounts: 1 on older firmware of Kasa's own devices. */
  readonly version: 1 | 2
  /** What it says inside: `iot` are Kasa's own modules, `smart` is what Tapo and newer Kasa devices speak. @default iot */
  readonly speech?: 'iot' | 'smart'
  /** The account that it was set up with. @default blank, as one never connected to its maker's cloud */
  readonly account?: { readonly user: string; readonly password: string }
  /** Requests before a session is over; some firmware allows one. @default any number */
  readonly requestsPerSession?: number
  /** Seconds for which a session is kept. @default a day */
  readonly sessionSeconds?: number
  /** Wants TPAP, and forbids KLAP. @default false */
  readonly tpap?: boolean
}

/** What a simulated Kasa device is. */
export type KasaOptions = Place & {
  /** Names of outlets: with some it is a strip. @default a plug */
  readonly children?: readonly string[]
  /** Without `children`: one outlet that it must have, by its place or name. @default none */
  readonly child?: string
  /** Speaks KLAP, by default on port 80, instead of the legacy protocol on 9999. */
  readonly klap?: Klap
}
