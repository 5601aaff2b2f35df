import type { z } from 'zod'
import type { Cloud, CloudKind } from './cloud.ts'
import type { Operation } from './contract.ts'

/** One service of ours: what a home file's `use` brings. It runs all the time, or ends and runs again by its schedule. */
export type Entry<Settings = unknown> = Common<Settings> & (Server | RunOnce)

type Common<Settings> = {
  readonly name: string
  /** One line for people. */
  readonly summary: string
  /** What stands under `settings` in the home file; a strict object, every key described. Secrets stand there by name. */
  readonly settings: z.ZodType<Settings>
  /** The image of ours that it runs. @default its name */
  readonly image?: string
  /** Kinds of device it can drive; empty: it takes none. */
  readonly drives: readonly string[]
  /** Its devices call it: speakers fetch what they play. @default false */
  readonly isCalledByDevices?: boolean
  /** The clouds that it calls with these settings. @default none */
  readonly clouds?: (settings: Settings) => readonly Cloud[]
  readonly resources: {
    readonly cpu: { readonly request: string; readonly limit: string }
    readonly memory: { readonly request: string; readonly limit: string }
  }
  /** Volumes that it keeps: path to size. @default none */
  readonly data?: Readonly<Record<string, string>>
  /** What it takes from its node, but where its surroundings are simulated. @default nothing */
  readonly host?: (settings: Settings) => HostUse | undefined
  /** The other services of the home that these settings call: each must stand in `needs`. */
  readonly calls: (settings: Settings) => readonly string[]
  /** What is wrong with settings that are each right, in this house. @default nothing */
  readonly check?: (settings: Settings, house: House) => readonly Complaint[]
  /** Settings and surroundings as the program's arguments, environment and files. */
  readonly wire: (settings: Settings, house: House) => Wiring
}

type Server = {
  /** The port its clients call; the Service answers on 80. */
  readonly port: number
  /** `/healthz`, `/readyz` and `/metrics` answer here. */
  readonly metricsPort: number
  /** The paths its route serves by default (`who: home`); none: it has no route. */
  readonly paths: readonly string[]
  /** Why that route is there without TLS too. @default it is not */
  readonly plainBecause?: string
  /** Every request that its clients can rely on, and every answer; the contract suite holds the service to it. */
  readonly contract: readonly Operation[]
  readonly schedule?: undefined
}

/** It answers no calls: no port, no probes, no route. */
type RunOnce = {
  /** When it runs unless the home file says otherwise: cron, in the timezone of the home. */
  readonly schedule: string
  readonly port?: undefined
  readonly metricsPort?: undefined
  readonly paths: readonly []
  readonly plainBecause?: undefined
  readonly contract: readonly []
}

/** What a service takes from its node, and why. */
export type HostUse = {
  readonly network?: boolean
  /** Container path to node path. */
  readonly folders?: Readonly<Record<string, string>>
  readonly because: string
}

/** Something that does not fit, where below `settings` it stands, and what to do. */
export type Complaint = {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly fix: string
}

/** What a service sees of its house when it is wired. */
export type House = {
  readonly timezone: string
  /** The devices that the service declares. */
  readonly devices: readonly HouseDevice[]
  /** Its own URL, for who is in the cluster too. */
  readonly url: string
  /** The URL of another service of the same environment. */
  readonly urlOf: (service: string) => string
  /** The services that it `needs`, as they are declared themselves. */
  readonly needs: readonly Needed[]
  /** Simulators stand in for the clouds it calls, and it takes nothing from its node: no secret of the real ones is needed. */
  readonly simulate: boolean
  /** The base URLs of those simulators, without a slash at the end; empty where the real ones are called. */
  readonly clouds: Readonly<Partial<Record<CloudKind, string>>>
}

/** A device as the service that drives it sees it. */
export type HouseDevice = {
  readonly name: string
  readonly kind: string
  /** The address to call: its simulator's, where simulated; empty for a real one that only a cloud reaches. */
  readonly address: string
  readonly child?: string
  /** Its account in the vault; absent where simulated. */
  readonly account?: Secret
  readonly simulate: boolean
}

/** Another service of the home, for one that shows or calls it. */
export type Needed = {
  readonly name: string
  /** Its catalog entry; absent for an image of the user's. */
  readonly entry?: string
  /** As its entry's own schema gives them. */
  readonly settings: unknown
  readonly devices: readonly HouseDevice[]
  readonly url: string
}

/** A secret of the vault, by its name. */
export type Secret = { readonly secret: string }

/** What a container of the service gets. */
export type Wiring = {
  readonly args: readonly string[]
  /** Text, or a secret of the vault. */
  readonly env: Readonly<Record<string, string | Secret>>
  /** Absolute path to text, or to a secret of the vault. */
  readonly files: Readonly<Record<string, string | Secret>>
  /** Runs of the same image besides its server, with its files and volumes. @default none */
  readonly jobs?: readonly Job[]
}

/** One run that is repeated. */
export type Job = {
  /** Unique in its service; lower-case letters, digits and "-". */
  readonly name: string
  /** Cron, in the timezone of the home. */
  readonly schedule: string
  readonly args: readonly string[]
}
