import { isIP, isIPv4 } from 'node:net'
import type { Device, DeviceKind, Environment } from '../home.ts'
import type { Finding } from '../problem.ts'
import { eachWritten, type Rule, when } from './rule.ts'

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
export const egressIsAddresses: Rule = eachWritten((_, { egress }, at) =>
  (Array.isArray(egress) ? egress : []).flatMap((one, index) =>
    when(one !== 'internet' && !isWay(one), () => ({
      path: at('egress', index),
      message: 'is no network with a port',
      fix: 'write it like 192.0.2.0/24:443, one address as 192.0.2.7/32:443',
    })),
  ),
)

const isWay = (text: string): boolean => {
  const colon = text.lastIndexOf(':')
  const port = text.slice(colon + 1)
  return isCidr(text.slice(0, colon)) && /^[1-9]\d*$/u.test(port) && Number(port) <= 65_535
}

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

/** Kinds of device that only a cloud reaches. */
const ofClouds: readonly DeviceKind[] = ['lamarzocco']

/** Devices have an IP address, since network policy knows no names; those of a cloud have an account instead. */
export const devicesAreReachable: Rule = ({ environment }) =>
  Object.values(environment.devices).flatMap((device) =>
    ofClouds.includes(device.kind) ? accountFindings(device, environment) : addressFindings(device),
  )

const addressFindings = ({ name, address, kind }: Device): Finding[] =>
  address === undefined
    ? [{ path: ['devices', name], message: `a ${kind} device needs an address`, fix: 'add address: 192.0.2.20' }]
    : when(!isAddress(address), () => ({
        path: ['devices', name, 'address'],
        message: `"${address}" is no IP address; network policy opens the way to addresses only`,
        fix: 'give the device a fixed address in your router and write that',
      }))

const accountFindings = (
  { name, address, kind, account, simulate }: Device,
  { name: env, services }: Environment,
): Finding[] => [
  ...when(address !== undefined, () => ({
    path: ['devices', name, 'address'],
    message: `a ${kind} machine is reached through its cloud, never at an address`,
    fix: 'remove `address`',
  })),
  ...when(account === undefined && !simulate && isUsed(name, services), () => ({
    path: ['devices', name],
    message: `${env} reaches ${name} through its cloud, and there is no account for it`,
    fix: 'add account: { secret: name }, or simulate: true',
  })),
]

const isUsed = (device: string, services: Readonly<Record<string, { readonly devices: readonly string[] }>>): boolean =>
  Object.values(services).some(({ devices }) => devices.includes(device))

/** Two devices at one address are one device, or a slip of the pen. */
export const addressesAreUnique: Rule = ({ environment }) => {
  const taken = new Map<string, string>()
  return Object.values(environment.devices).flatMap(({ name, address, child }) => {
    if (address === undefined) return []
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
