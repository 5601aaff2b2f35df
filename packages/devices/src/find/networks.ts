import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'

/** A network of this machine in which all can be asked at once. */
export type Network = {
  /** What the system calls its interface. */
  readonly name: string
  /** Our own address there. */
  readonly address: string
  readonly bits: number
  /** The address of all. */
  readonly all: string
}

/** A network where that cannot be done, and why. */
export type Blind = { readonly network: string; readonly why: string }

type Interface = {
  readonly address: string
  readonly family: string
  readonly internal: boolean
  readonly cidr: string | null
}

const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const written = (value: number): string => [24, 16, 8, 0].map((by) => Math.floor(value / 2 ** by) % 256).join('.')

/** Whether an address is of a network. */
export const isIn = ({ address, bits }: Pick<Network, 'address' | 'bits'>, other: string): boolean => {
  const size = 2 ** (32 - bits)
  return isIPv4(other) && Math.floor(number(other) / size) === Math.floor(number(address) / size)
}

/**
 * The networks of this machine, and those in which nothing can be found; with names only those, internal ones too.
 * Names that there are not are told as such.
 */
export const networksOf = (
  names: readonly string[],
  interfaces: Readonly<Record<string, readonly Interface[] | undefined>> = networkInterfaces(),
): { readonly networks: readonly Network[]; readonly blind: readonly Blind[] } => {
  const missing = names
    .filter((name) => !Object.hasOwn(interfaces, name))
    .map((name) => ({
      network: name,
      why: `this machine has no such interface: ${Object.keys(interfaces).join(', ')}`,
    }))
  const seen = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && (names.length === 0 ? !internal : names.includes(name)))
      .map(({ address, cidr }) => networkOf(name, address, Number(cidr?.split('/')[1] ?? 32))),
  )
  return {
    networks: seen.filter((one) => 'all' in one),
    blind: [...missing, ...seen.filter((one) => 'why' in one)],
  }
}

const networkOf = (name: string, address: string, bits: number): Network | Blind => {
  if (bits > 30) {
    return { network: `${name} (${address}/${bits})`, why: 'it leads to one other machine and has no broadcast' }
  }
  const size = 2 ** (32 - bits)
  return { name, address, bits, all: written(Math.floor(number(address) / size) * size + size - 1) }
}
