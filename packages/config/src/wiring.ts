import { catalog, cloudDoors, type House, type HouseDevice, type Needed, type Wiring } from '@homeslice/catalog'
import type { Device, Environment, Service } from './home.ts'
import { cloudSimulatorOf, simulatorOf } from './simulators.ts'

/** What is around a service. */
export type Around = {
  readonly environment: Environment
  readonly timezone: string
  /** The host at which a service of the environment answers, a simulator too. */
  readonly hostOf: (service: string) => string
}

/** For what is wired wherever the services of an environment answer, and whatever the time is there. */
export const anywhere = (environment: Environment): Around => ({
  environment,
  timezone: 'UTC',
  hostOf: (service) => service,
})

const unwired: Wiring = { args: [], env: {}, files: {} }

/** What the catalog wires to a service; nothing for an image of the user's, and for settings that do not fit. */
export const wiringOf = (service: Service, around: Around): Wiring => {
  const used = usedBy(service)
  return used === undefined ? unwired : used.entry.wire(used.settings, houseOf(service, around))
}

/** A service's entry, and settings that fit it. */
export const usedBy = ({ use }: Service) => {
  const entry = use && catalog.get(use.entry)
  return entry?.settings.safeParse(use?.settings).success === true ? { entry, settings: use?.settings } : undefined
}

/** The house as a service sees it. */
export const houseOf = (service: Service, around: Around): House => {
  const { environment, timezone, hostOf } = around
  const urlOf = (name: string): string => `http://${hostOf(name)}`
  const { clouds, simulate } = service
  return {
    timezone,
    devices: devicesOf(service, around),
    url: urlOf(service.name),
    urlOf,
    needs: named(environment.services, service.needs).map((needed) =>
      neededFrom(needed, { ...around, url: urlOf(needed.name) }),
    ),
    simulate,
    clouds: Object.fromEntries(
      (simulate ? clouds : []).map(({ kind }) => {
        const { prefix, port } = cloudDoors[kind]
        return [kind, `${prefix}${hostOf(cloudSimulatorOf(kind))}:${port}`]
      }),
    ),
  }
}

const neededFrom = (needed: Service, { url, ...around }: Around & { readonly url: string }): Needed => ({
  name: needed.name,
  ...(needed.use === undefined ? {} : { entry: needed.use.entry }),
  settings: needed.use?.settings,
  devices: devicesOf(needed, around),
  url,
})

const devicesOf = ({ devices }: Service, { environment, hostOf }: Around): HouseDevice[] =>
  named(environment.devices, devices).map((device) => houseDevice(device, hostOf))

/** Those that are there; a rule reports the others. */
const named = <One>(all: Readonly<Record<string, One>>, names: readonly string[]): One[] =>
  names.flatMap((name) => {
    const one = Object.hasOwn(all, name) ? all[name] : undefined
    return one === undefined ? [] : [one]
  })

const houseDevice = (
  { name, kind, address = '', child, account, simulate }: Device,
  hostOf: Around['hostOf'],
): HouseDevice => ({
  name,
  kind,
  address: simulate ? hostOf(simulatorOf(name)) : address,
  ...(child === undefined ? {} : { child }),
  ...(account === undefined || simulate ? {} : { account }),
  simulate,
})
