import type { CloudKind } from '@homeslice/catalog'
import type { DeviceKind, Environment } from './home.ts'

/** What a simulator may use at most. */
export const simulatorLimits = { cpu: '250m', memory: '96Mi' } as const

/** A program that stands in for something outside the home, as a service of its environment. */
export type Simulator = {
  /** The service that it is. */
  readonly service: string
  readonly kind: DeviceKind | CloudKind
  /** The device that it is, or its kind of cloud. */
  readonly name: string
  /** Of a device: which outlet of a strip it is. */
  readonly child?: string
}

/** The service that stands in for a simulated device. */
export const simulatorOf = (device: string): string => `device-${device}`

/** The device that a service stands in for; nothing for a service of the home. */
export const simulatedBy = (service: string): string | undefined =>
  service.startsWith('device-') ? service.slice('device-'.length) : undefined

/** The service that stands in for a cloud, for all services of an environment that simulate it. */
export const cloudSimulatorOf = (kind: CloudKind): string => `cloud-${kind}`

/** The cloud that a service stands in for; nothing for a service of the home. */
export const cloudSimulatedBy = (service: string): string | undefined =>
  service.startsWith('cloud-') ? service.slice('cloud-'.length) : undefined

/** Every simulator that some service of an environment calls. */
export const simulatorsIn = ({ devices, services }: Environment): Simulator[] => {
  const all = Object.values(services)
  const used = new Set(all.flatMap((service) => service.devices))
  const clouds = new Set(
    all.flatMap(({ simulate, clouds: called }) => (simulate ? called : [])).map(({ kind }) => kind),
  )
  return [
    ...Object.values(devices)
      .filter(({ name, simulate }) => simulate && used.has(name))
      .map(({ name, kind, child }) => ({
        service: simulatorOf(name),
        kind,
        name,
        ...(child === undefined ? {} : { child }),
      })),
    ...[...clouds].toSorted().map((kind) => ({ service: cloudSimulatorOf(kind), kind, name: kind })),
  ]
}
