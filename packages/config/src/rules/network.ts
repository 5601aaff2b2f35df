import { isIP, isIPv4 } from 'node:net'
import { eachService, type Rule, when } from './rule.ts'

/** A zone (`fe80::1%eth0`) means something on one machine only. */
const isAddress = (text: string): boolean => isIP(text) > 0 && !text.includes('%')

const isCidr = (text: string): boolean => {
  const [address = '', bits = '', ...more] = text.split('/')
  return (
    more.length === 0 &&
    /^(0|[1-9]\d{0,2})$/u.test(bits) &&
    isAddress(address) &&
    Number(bits) <= (isIPv4(address) ? 32 : 128)
  )
}

/** Addresses that a service may reach are networks with a port. */
export const egressIsAddresses: Rule = eachService(({ egress }, at) =>
  egress.kind !== 'addresses'
    ? []
    : egress.to.flatMap(({ cidr, port }, index) =>
        when(!isCidr(cidr) || !(Number.isInteger(port) && port >= 1 && port <= 65_535), () => ({
          path: at('egress', index),
          message: 'is no network with a port',
          fix: 'write it like 192.0.2.0/24:443, one address as 192.0.2.7/32:443',
        })),
      ),
)

/** The networks of the house are networks, and `who: home` has some to let in. */
export const lanIsNetworks: Rule = ({ home, environment }) => {
  const asks = Object.values(environment.services).find(({ routes }) => routes.some(({ who }) => who === 'home'))
  return [
    ...home.cluster.lan.flatMap((cidr, index) =>
      when(!isCidr(cidr), () => ({
        path: ['cluster', 'lan', index],
        message: `"${cidr}" is no network`,
        fix: 'write it like 192.0.2.0/24',
      })),
    ),
    ...when(asks !== undefined && home.cluster.lan.length === 0, () => ({
      path: ['cluster'],
      message: `${asks?.name} is open to the home, and no network of the home is known`,
      fix: 'add cluster.lan: [192.0.2.0/24]',
    })),
  ]
}

const simulated: readonly string[] = ['kasa', 'wemo']

/** Devices have an IP address, since network policy knows no names, and only some kinds have a simulator. */
export const devicesAreReachable: Rule = ({ environment, written }) =>
  Object.values(environment.devices).flatMap(({ name, address, kind, simulate }) => [
    ...when(!isAddress(address), () => ({
      path: ['devices', name, 'address'],
      message: `"${address}" is no IP address; network policy opens the way to addresses only`,
      fix: 'give the device a fixed address in your router and write that',
    })),
    ...when(simulate && !simulated.includes(kind) && isUsed(name, environment.services), () => ({
      path: ['devices', name, ...(written.devices?.[name]?.simulate === true ? ['simulate'] : [])],
      message: `${environment.name} simulates ${name}, and there is no simulator of ${kind} devices yet`,
      fix: `there are simulators of: ${simulated.join(', ')}`,
    })),
  ])

const isUsed = (device: string, services: Readonly<Record<string, { readonly devices: readonly string[] }>>): boolean =>
  Object.values(services).some(({ devices }) => devices.includes(device))

/** Two devices at one address are one device, or a slip of the pen. */
export const addressesAreUnique: Rule = ({ environment }) => {
  const taken = new Map<string, string>()
  return Object.values(environment.devices).flatMap(({ name, address, child }) => {
    const key = `${address} ${child ?? ''}`
    const holder = taken.get(key)
    taken.set(key, holder ?? name)
    return when(holder !== undefined, () => ({
      path: ['devices', name, 'address'],
      message: `${holder} has the same address`,
      fix: 'if it is one strip, give each its `child`',
      warning: true as const,
    }))
  })
}
