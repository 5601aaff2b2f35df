import type { Grade } from '../change.ts'

/** A change of a home file, and what a plan must say about it. */
export type Row = {
  readonly name: string
  readonly before: string
  readonly after: string
  readonly env?: string
  /** Namespaces that are there and not ours. */
  readonly others?: readonly string[]
  /** Of all changes together, the worst first. */
  readonly grades: readonly Grade[]
  /** Each is said by some change, word for word or in part. */
  readonly says: readonly RegExp[]
  /** What has to be allowed by name before anything is changed. */
  readonly stops?: readonly string[]
}

/** A home on a cluster of its own; `more` is whole keys of the file. */
export const home = (services: string, more = ''): string => `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
${more.includes('cluster:') ? '' : 'cluster: { context: k3s, lan: [192.168.1.0/24] }'}
${more}
services:
  clock: { use: clocktime, routes: [] }
${services}
`
/** The cluster of a home, with other keys. */
export const cluster = (keys: string): string => `cluster: { context: k3s, ${keys} }`

/** The service that most rows change. */
export const notes = (keys: string, more?: string): string =>
  home(`  notes: { image: "registry.test/notes:1", ${keys} }`, more)
/** The same behind a port. */
export const web = (keys: string, more?: string): string => notes(`port: 3000, ${keys}`, more)
/** A home with nothing but a clock. */
export const bare = home('')
/** A volume. */
export const data = 'data: { /data: 2Gi }'
/** Routes of a service. */
export const routes = (...all: string[]): string => `routes: [${all.map((one) => `{ ${one} }`).join(', ')}]`
/** A route for the home. */
export const atHome = 'who: home, paths: [/notes/]'
/** A route for everyone. */
export const open = 'who: everyone, because: guests, paths: [/notes/]'
/** The network of the home. */
export const lan = 'lan: [192.168.1.0/24]'
/** Redirects of a home. */
export const redirects = (...all: string[]): string => `redirects: [${all.map((one) => `{ ${one} }`).join(', ')}]`
/** A redirect that stays in the house. */
export const inside = 'path: /unifi, to: "https://192.168.1.1:8443/"'
/** Two devices of the LAN. */
const devices = 'devices: { lamp: { kind: kasa, address: 192.168.1.7 }, porch: { kind: wemo, address: 192.168.1.8 } }'
/** A device with a simulator in its place. */
export const simulated = 'devices: { lamp: { kind: kasa, address: 192.168.1.7, simulate: true } }'
/** A service that drives devices. */
export const switches = (keys: string, more = devices): string =>
  home(`  switches: { use: switches, routes: [], ${keys} }`, more)
/** A service that runs at times. */
export const job = (keys: string, schedule = '0 4 * * *'): string =>
  home(`  job: { image: "registry.test/job:1", schedule: "${schedule}", ${keys} }`)
/** A home with two environments under a domain. */
export const staged = (domain: string): string =>
  home('  notes: { use: clocktime }', 'environments: { prod: {}, staging: {} }').replace('casa.test', domain)
/** A probe that needs no port. */
export const command = 'probes: { readiness: { command: [ask] } }'
