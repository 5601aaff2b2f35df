import { fc, test } from '@fast-check/vitest'
import { BlockList, isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import { holds, networkOf } from './cidr.ts'

describe('a network as the API server takes it', () => {
  it.each([
    ['192.168.1.5/24', '192.168.1.0/24'],
    ['192.168.1.5', '192.168.1.5/32'],
    ['10.255.255.255/9', '10.128.0.0/9'],
    ['255.255.255.255/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::1', '2001:db8::1/128'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['1:2:3:4:5:6:7:8/64', '1:2:3:4::/64'],
    ['fd12:3456::/7', 'fc00::/7'],
    ['::1/0', '::/0'],
    ['1::/127', '1::/127'],
  ])('%s: %s', (written, network) => {
    expect(networkOf(written)).toBe(network)
  })

  test.prop([
    fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    ),
  ])('holds the address that it was written with, and is its own network', ([address, bits]) => {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    const network = networkOf(`${address}/${bits}`)
    const [first = ''] = network.split('/')
    const list = new BlockList()
    list.addSubnet(first, bits, family)
    expect(list.check(address, family)).toBe(true)
    expect(networkOf(network)).toBe(network)
  })
})

describe('a network holds', () => {
  it.each([
    ['192.168.1.0/24', '192.168.1.7', true],
    ['192.168.1.0/24', '192.168.1.0/24', true],
    ['192.168.1.0/24', '192.168.1.128/25', true],
    ['192.168.1.0/25', '192.168.1.0/24', false],
    ['192.168.1.0/24', '192.168.2.7', false],
    ['192.168.1.9', '192.168.1.9', true],
    ['0.0.0.0/0', '10.0.0.0/8', true],
    ['0.0.0.0/0', '::/0', false],
    ['fd00::/8', 'fd12::1', true],
    ['fd00::/8', '10.0.0.1', false],
  ])('%s, %s: %j', (network, other, expected) => {
    expect(holds(network, other)).toBe(expected)
  })
})
