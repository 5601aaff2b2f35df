import type { Device, Environment, Service } from '@homeslice/config'

/** An environment in which nothing is real: whoever develops presses no lamp of the house, and calls no cloud. */
export const simulated = (environment: Environment): Environment => ({
  ...environment,
  devices: mapValues(environment.devices, (device): Device => ({ ...device, simulate: true })),
  services: mapValues(environment.services, (service): Service => ({ ...service, simulate: true })),
})

const mapValues = <Value>(
  group: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> => Object.fromEntries(Object.entries(group).map(([key, value]) => [key, change(value)]))
