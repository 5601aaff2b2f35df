import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import { placesOf, type Folders, type Places } from './folders.ts'
import { freeOctet } from './network.ts'
import { failure, type Outcome } from './outcome.ts'
import { nextFreePort, portIsFree } from './ports.ts'
import { findRunning } from './running.ts'
import { readSettings, writeSettings, type Settings } from './settings.ts'

const wantedPorts = { api: 16_443, http: 8080, https: 8443 } as const

/**
 * The settings of a sandbox: those of its first start, made now if this is it.
 * A port that somebody else took since then is replaced by the next free one.
 */
export const settle = async (
  { name, folders, durable }: { name: string; folders: Folders; durable: boolean },
  places: Places,
): Promise<Outcome<{ settings: Settings }>> => {
  const read = readSettings(places.settings)
  if (!read.ok) return read
  if (read.settings && (findRunning(places) || (await allFree(read.settings.ports)))) {
    return { ok: true, settings: read.settings }
  }
  const ports = await pickPorts(portsOfOthers(folders, name), read.settings?.ports)
  if (!ports) {
    return failure('no free port was found on 127.0.0.1 for the sandbox', 'stop some of the programs that listen there')
  }
  const octet = read.settings?.octet ?? freeOctet(await routes())
  const settings = { version: 1, name, ports, octet, durable: read.settings?.durable ?? durable } as const
  writeSettings(places.settings, settings)
  return { ok: true, settings }
}

const allFree = async (ports: Settings['ports']): Promise<boolean> =>
  (await Promise.all(Object.values(ports).map(portIsFree))).every(Boolean)

const pickPorts = async (
  taken: readonly number[],
  before: Settings['ports'] = wantedPorts,
): Promise<Settings['ports'] | undefined> => {
  const api = await nextFreePort(before.api, { taken })
  const http = await nextFreePort(before.http, { taken: [...taken, api ?? 0] })
  const https = await nextFreePort(before.https, { taken: [...taken, api ?? 0, http ?? 0] })
  return api && http && https ? { api, http, https } : undefined
}

// A stopped sandbox keeps its ports: bookmarks and kubeconfigs name them.
const portsOfOthers = (folders: Folders, name: string): number[] =>
  sandboxNames(folders)
    .filter((other) => other !== name)
    .map((other) => readSettings(placesOf(folders, other).settings))
    .flatMap((read) => (read.ok && read.settings ? Object.values(read.settings.ports) : []))

/** Names of the sandboxes that have a folder in the state. */
export const sandboxNames = (folders: Folders): string[] => {
  try {
    return readdirSync(join(folders.state, 'sandbox')).toSorted()
  } catch {
    return []
  }
}

const routes = async (): Promise<string[]> => {
  const listed = await run(['ip', '-4', 'route', 'show', 'table', 'all'])
  return listed.stdout.split('\n').flatMap((line) => /\b\d+\.\d+\.\d+\.\d+(\/\d+)?/.exec(line)?.[0] ?? [])
}
