import { catalog } from '@homeslice/catalog'
import type { Device, Environment, Service } from '@homeslice/config'

/** Something outside of the home that a program stands in for. */
export type StandIn = {
  /** The name that its program goes by, such as `device-porch`. */
  readonly service: string
  readonly kind: string
  /** The device that it is. */
  readonly name: string
}

/** An environment in which nothing is real: whoever develops presses no lamp of the house. */
export const simulated = (environment: Environment): Environment => ({
  ...environment,
  devices: Object.fromEntries(
    Object.entries(environment.devices).map(([name, device]): [string, Device] => [
      name,
      { ...device, simulate: true },
    ]),
  ),
})

/** What stands in for the devices that some service of the environment uses. */
export const standInsOf = ({ devices, services }: Environment): StandIn[] => {
  const used = new Set(Object.values(services).flatMap((service) => service.devices))
  return Object.values(devices)
    .filter(({ name, simulate }) => simulate && used.has(name))
    .map(({ name, kind }) => ({ service: standInOf(name), kind, name }))
}

const standInOf = (device: string): string => `device-${device}`

/** Arguments, environment and files as the catalog wires them; a secret stands there by its name. */
export type Wired = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | { readonly secret: string }>>
  readonly files: Readonly<Record<string, string | { readonly secret: string }>>
}

/** Where the services of an environment answer here, simulators too: a host, with a port where it is not the usual one. */
export type HostOf = (service: string) => string

/** What the catalog wires to a service, with every other one at its place on this machine. */
export const wiredTo = (
  { use, devices }: Service,
  {
    environment,
    timezone,
    hostOf,
  }: { readonly environment: Environment; readonly timezone: string; readonly hostOf: HostOf },
): Wired => {
  const entry = use && catalog.get(use.entry)
  if (entry === undefined || use === undefined) return { args: [], env: {}, files: {} }
  return entry.wire(use.settings, {
    timezone,
    urlOf: (other) => `http://${hostOf(other)}`,
    devices: devices
      .map((name) => environment.devices[name])
      .filter((device) => device !== undefined)
      .map(({ name, kind, child }) => ({
        name,
        kind,
        address: hostOf(standInOf(name)),
        ...(child === undefined ? {} : { child }),
      })),
  })
}
