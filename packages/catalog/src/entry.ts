import type { z } from 'zod'
import type { Operation } from './contract.ts'

/** One service of ours: what a home file's `use` brings. */
export type Entry<Settings = unknown> = {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /** What stands under `settings` in the home file; a strict object, every key described. */
  readonly settings: z.ZodType<Settings>
  /** The port its clients call; the Service answers on 80. */
  readonly port: number
  /** `/healthz`, `/readyz` and `/metrics` answer here. */
  readonly metricsPort: number
  /** The paths its route serves by default (`who: home`). */
  readonly paths: readonly string[]
  /** Every request that its clients can rely on, and every answer; the contract suite holds the service to it. */
  readonly contract: readonly Operation[]
  /** Kinds of device it can drive; empty: it takes none. */
  readonly drives: readonly string[]
  readonly resources: {
    readonly cpu: { readonly request: string; readonly limit: string }
    readonly memory: { readonly request: string; readonly limit: string }
  }
  /** The other services of the home that these settings call: each must stand in `needs`. */
  readonly calls: (settings: Settings) => readonly string[]
  /** Settings and surroundings as the program's arguments, environment and files. */
  readonly wire: (settings: Settings, house: House) => Wiring
}

/** What a service sees of its house when it is wired. */
export type House = {
  readonly timezone: string
  /** The devices that the service declares, with the address to call (a simulator's, where simulated). */
  readonly devices: readonly {
    readonly name: string
    readonly kind: string
    readonly address: string
    readonly child?: string
  }[]
  /** The URL of another service of the same environment. */
  readonly urlOf: (service: string) => string
  /** The services that it `needs`, as they are declared themselves. @default none */
  readonly needs?: readonly Needed[]
}

/** Another service of the home, for one that shows or calls it. */
export type Needed = {
  readonly name: string
  /** Its catalog entry; absent for an image of the user's. */
  readonly entry?: string
  /** As its entry's own schema gives them. */
  readonly settings: unknown
  readonly devices: readonly { readonly name: string }[]
  readonly url: string
}

/** What a container of the service gets. */
export type Wiring = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Absolute path to text. */
  readonly files: Readonly<Record<string, string>>
}
