import { catalog } from '@homeslice/catalog'
import { didYouMean } from '../nearest.ts'
import { show } from '../shape.ts'
import { eachService, type Rule, when } from './rule.ts'

const known = (names: object): string[] => Object.keys(names)

/** `needs` names services that run in the same environment. */
export const needsExist: Rule = eachService((service, at, { environment, written }) =>
  service.needs.flatMap((need, index) => {
    if (need === service.name) {
      return [{ path: at('needs', index), message: 'a service needs no edge to itself', fix: 'remove it' }]
    }
    if (Object.hasOwn(environment.services, need)) {
      return when(environment.services[need]?.port === undefined, () => ({
        path: at('needs', index),
        message: `${need} has no port, so nothing can call it`,
        fix: `give ${need} a port, or remove it here`,
        warning: true as const,
      }))
    }
    const left = Object.hasOwn(written.services, need) ? `, which ${environment.name} leaves out` : ''
    return [
      {
        path: at('needs', index),
        message: `there is no service "${need}"${left}`,
        ...didYouMean(need, known(environment.services)),
      },
    ]
  }),
)

/** `devices` names devices of the home that the service can drive. */
export const devicesExist: Rule = eachService((service, at, { environment }) =>
  service.devices.flatMap((name, index) => {
    const device = Object.hasOwn(environment.devices, name) ? environment.devices[name] : undefined
    const path = at('devices', index)
    if (device === undefined) {
      return [{ path, message: `there is no device "${name}"`, ...didYouMean(name, known(environment.devices)) }]
    }
    const entry = service.use && catalog.get(service.use.entry)
    return when(entry !== undefined && !entry.drives.includes(device.kind), () => ({
      path,
      message: `${entry?.name} cannot drive ${name}, a ${device.kind} device`,
      fix: entry?.drives.length === 0 ? 'it drives no devices: remove it' : `it drives: ${entry?.drives.join(', ')}`,
    }))
  }),
)

/** `env: { X: { service: name } }` names a service that stands in `needs`, or its calls would be refused, and listens. */
export const envServicesAreNeeded: Rule = eachService((service, at, { environment }) =>
  Object.entries(service.env).flatMap(([key, value]) => {
    if (!('service' in value)) return []
    const { service: called } = value
    const there = Object.hasOwn(environment.services, called) ? environment.services[called] : undefined
    return [
      ...when(!service.needs.includes(called), () => ({
        path: at('env', key),
        message: `${key} is the address of ${show(called)}, which stands not in needs`,
        fix: 'add it to needs: only needed services can be reached',
      })),
      ...when(there !== undefined && there.port === undefined, () => ({
        path: at('env', key),
        message: `${key} is the address of ${show(called)}, which listens on no port`,
        fix: `give ${called} a port, or remove ${key}`,
      })),
    ]
  }),
)

/** What a catalog entry's settings call must stand in `needs`. */
export const callsAreNeeded: Rule = eachService((service, at) => {
  const entry = service.use && catalog.get(service.use.entry)
  if (entry === undefined || service.use === undefined || !entry.settings.safeParse(service.use.settings).success)
    return []
  return entry
    .calls(service.use.settings)
    .filter((called) => !service.needs.includes(called))
    .map((called) => ({
      path: at('needs'),
      message: `${service.name} calls ${called}, which stands not in needs`,
      fix: `add it: needs: [${[...service.needs, called].join(', ')}]`,
    }))
})
