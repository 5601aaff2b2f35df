import { basename, join } from 'node:path'
import { inside, type Folders, type Places } from '../folders.ts'
import type { Network } from '../network.ts'
import type { RecipeName } from '../recipes.ts'
import type { Settings } from '../settings.ts'
import type { Machine } from '../machine.ts'
import { programsOf, type Program } from './programs.ts'
import { setupCommands } from './setup.ts'
import { wayOut } from './outside.ts'

/** What `homeslice-node run` reads; the fields are described in kube/node. */
export type NodePlan = {
  readonly hostname: string
  readonly lock: string
  readonly record: string
  readonly table: string
  readonly logs: string
  readonly outsideLog: string
  readonly forwards: readonly { listen: string; to: string; from: string; proxy: boolean }[]
  readonly setup: readonly string[][]
  readonly outside: Program
  readonly processes: readonly Program[]
}

/** What a plan is made from. */
export type PlanOptions = {
  readonly folders: Folders
  readonly places: Places
  readonly settings: Settings
  readonly machine: Machine
  readonly built: Record<RecipeName, string>
  readonly node: string
  readonly network: Network
}

/** Ports of the gateway inside, the same as Traefik's entry points. */
export const gatewayPorts = { http: 8000, https: 8443, metrics: 9000 } as const

/** The plan of one sandbox. Record, lock and the outside's log are the outer process' and so paths of the machine; table and logs are the inner one's. */
export const planOf = (options: PlanOptions): NodePlan => {
  const { folders, places, settings, machine, built, node, network } = options
  const to = (listen: number, address: string, proxy: boolean) => ({
    listen: `127.0.0.1:${listen}`,
    to: address,
    from: network.node,
    proxy,
  })
  return {
    hostname: node,
    lock: places.lock,
    record: places.record,
    table: `${inside.root}/${basename(places.table)}`,
    logs: `${inside.root}/${basename(places.logs)}`,
    outsideLog: join(places.logs, 'slirp4netns.log'),
    forwards: [
      to(settings.ports.api, `${network.node}:6443`, false),
      to(settings.ports.http, `${network.gateway}:${gatewayPorts.http}`, true),
      to(settings.ports.https, `${network.gateway}:${gatewayPorts.https}`, true),
    ],
    setup: setupCommands({ folders, places, network, unifiedGroups: machine.unifiedGroups }),
    outside: wayOut(network),
    processes: programsOf({ node, network, built, durable: settings.durable }),
  }
}
