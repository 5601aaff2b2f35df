import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { catalog, type Entry, type House, type Wiring } from '@homeslice/catalog'
import { bundleServices, nodeFlags } from '@homeslice/images'
import { type Place, type Simulator, startKasa, startLaMarzocco, startSonos, startWemo } from '@homeslice/simulators'
import { type Running, root, start } from '../command.ts'
import { freePort } from '../program.ts'

/** The simulators by the kind of device that they stand in for; a kind that is not here leaves its services without it. */
const kinds: Readonly<Record<string, (place: Place) => Promise<Simulator>>> = {
  kasa: startKasa,
  lamarzocco: startLaMarzocco,
  sonos: startSonos,
  wemo: startWemo,
}

type Told = { readonly settings: object; readonly env?: Readonly<Record<string, string>> }

/** What services must be told besides what the catalog wires: settings without a default, and folders of a test's own. */
const told: Readonly<Record<string, (folder: string, port: number) => Told>> = {
  homebridge: (folder, port) => ({
    settings: { bind: ['127.0.0.1'], buttons: ['guests'], port },
    env: { HOMEBRIDGE_FOLDER: folder },
  }),
}

/** One service as it ships, on this machine. */
export type Member = {
  readonly name: string
  readonly bundle: string
  readonly port: number
  readonly metricsPort: number
  readonly devices: readonly string[]
  /** Starts it, with an inspector at a port where one is given, and gives it once it listens. */
  readonly start: (inspector?: number) => Promise<Started>
}

/** A service that runs, and how long it took to listen. */
export type Started = { readonly running: Running; readonly pid: number; readonly milliseconds: number }

/** Every service of the catalog that answers calls, wired to one another and to simulated devices of each kind. */
export type Fleet = {
  readonly members: readonly Member[]
  readonly devices: ReadonlyMap<string, Simulator>
  readonly stop: () => Promise<void>
}

/** Makes a fleet; none of its services runs yet. `net` begins addresses that only this caller uses. */
export const makeFleet = async (net: `127.0.${number}`): Promise<Fleet> => {
  const bundled = await bundleServices(root)
  if (!bundled.ok) throw new Error(bundled.message)
  const { bundles } = bundled
  // What runs once and ends is no member: nobody calls it.
  const entries = [...catalog.values()].filter(
    ({ port, name }) => Number.isInteger(port) && bundles[name] !== undefined,
  )
  const devices = await simulate(net, entries)
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-fleet-'))
  const ports = new Map<string, number>()
  for (const { name } of entries) ports.set(name, await freePort())
  const plan: Plan = { net, entries, kinds: [...devices.keys()], ports, folder }
  const members: Member[] = []
  for (const entry of entries) members.push(await memberOf(entry, bundles[entry.name] ?? '', plan))
  return {
    members,
    devices,
    stop: async () => {
      for (const device of devices.values()) await device.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** One device of each kind that anybody drives, called like its kind. */
const simulate = async (net: string, entries: readonly Entry[]): Promise<ReadonlyMap<string, Simulator>> => {
  const devices = new Map<string, Simulator>()
  for (const name of new Set(entries.flatMap(({ drives }) => drives))) {
    const simulator = await kinds[name]?.({ name, host: `${net}.${devices.size + 1}` })
    if (simulator !== undefined) devices.set(name, simulator)
  }
  return devices
}

type Plan = {
  readonly net: string
  readonly entries: readonly Entry[]
  readonly kinds: readonly string[]
  readonly ports: ReadonlyMap<string, number>
  readonly folder: string
}

const houseOf = (entry: Entry, { net, entries, kinds: known, ports }: Plan): House => {
  const urlOf = (name: string): string => `http://127.0.0.1:${ports.get(name)}`
  const devicesOf = ({ drives }: Entry) =>
    known.flatMap((kind, index) =>
      drives.includes(kind) ? [{ name: kind, kind, address: `${net}.${index + 1}`, simulate: true }] : [],
    )
  return {
    timezone: 'Europe/Lisbon',
    devices: devicesOf(entry),
    url: urlOf(entry.name),
    urlOf,
    simulate: true,
    clouds: {},
    needs: entries
      .filter((other) => other !== entry)
      .map((other) => ({
        name: other.name,
        entry: other.name,
        settings: other.settings.safeParse({}).data,
        devices: devicesOf(other),
        url: urlOf(other.name),
      })),
  }
}

const memberOf = async (entry: Entry, bundle: string, plan: Plan): Promise<Member> => {
  const { name } = entry
  const folder = join(plan.folder, name)
  await mkdir(folder)
  const more = told[name]?.(folder, await freePort())
  const house = houseOf(entry, plan)
  const wiring = entry.wire(entry.settings.parse(more?.settings ?? {}), house)
  const { args, env: wired } = await placed({ ...wiring, files: { ...wiring.files, '/main.mjs': bundle } }, folder)
  const [port, metricsPort] = [plan.ports.get(name) ?? 0, await freePort()]
  const env = { ...wired, ...more?.env, PORT: String(port), METRICS_PORT: String(metricsPort) }
  return {
    name,
    bundle,
    port,
    metricsPort,
    devices: house.devices.map((device) => device.name),
    start: async (inspector) => {
      const before = performance.now()
      // As its image does it.
      const flags = [...nodeFlags, ...(inspector === undefined ? [] : [`--inspect=127.0.0.1:${inspector}`])]
      const running = start(process.execPath, [...flags, join(folder, 'main.mjs'), ...args], {
        env: { ...env, NODE_ENV: 'production' },
      })
      await running.shows('"msg":"listening"')
      return { running, pid: running.child.pid ?? 0, milliseconds: performance.now() - before }
    },
  }
}

/** Writes the files of a container below a folder, and gives the arguments and the environment with their places there. */
const placed = async ({ args, env, files }: Wiring, folder: string) => {
  const places = new Map<unknown, string>()
  for (const [path, text] of Object.entries(files)) {
    if (typeof text !== 'string') throw new Error(`${path} holds a secret, and there is no vault here`)
    const place = join(folder, basename(path))
    places.set(path, place)
    await writeFile(place, text)
  }
  const wired = Object.entries(env).map(([key, value]) => {
    if (typeof value !== 'string') throw new Error(`${key} is a secret, and there is no vault here`)
    return [key, places.get(value) ?? value] as const
  })
  return { args: args.map((arg) => places.get(arg) ?? arg), env: Object.fromEntries(wired) }
}
