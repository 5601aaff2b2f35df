import { BlockList, isIPv6 } from 'node:net'

/** The shortest way to write an IPv6 address. */
const shortest = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1)

/** The eight groups of an IPv6 address in its shortest form. */
const groupsOf6 = (address: string): number[] => {
  const [head = '', tail] = shortest(address).split('::')
  const hex = (text = ''): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [before, after] = [hex(head), hex(tail)]
  return tail === undefined ? before : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

const masked = (groups: readonly number[], width: number, bits: number): number[] =>
  groups.map((group, index) => {
    const dropped = width - Math.min(Math.max(bits - index * width, 0), width)
    return (group >> dropped) << dropped
  })

/**
 * A network as the API server takes it: no bits of a host, and IPv6 in its shortest form. An address alone is a network
 * of one. The home file's rules have made sure that it is a network at all.
 */
export const networkOf = (cidr: string): string => {
  const [address = '', prefix] = cidr.split('/')
  const six = isIPv6(address)
  const bits = Number(prefix ?? (six ? 128 : 32))
  const network = six
    ? shortest(
        masked(groupsOf6(address), 16, bits)
          .map((group) => group.toString(16))
          .join(':'),
      )
    : masked(address.split('.').map(Number), 8, bits).join('.')
  return `${network}/${bits}`
}

/** Whether a network holds all of another; an address alone is a network of one. */
export const holds = (network: string, other: string): boolean => {
  const [[outer, width], [inner, bits]] = [partsOf(network), partsOf(other)]
  const family = isIPv6(outer) ? 'ipv6' : 'ipv4'
  if (isIPv6(inner) !== isIPv6(outer) || bits < width) return false
  const list = new BlockList()
  list.addSubnet(outer, width, family)
  return list.check(inner, family)
}

const partsOf = (network: string): readonly [address: string, bits: number] => {
  const [address = '', bits] = networkOf(network).split('/')
  return [address, Number(bits)]
}
