import { expect, test } from 'vitest'
import { freeOctet, networkAt } from './network.ts'

test('all addresses lie in one block of their own', () => {
  expect(networkAt(231)).toEqual({
    node: '10.231.128.1',
    nodeCidr: '10.231.128.0/24',
    pods: '10.231.0.0/18',
    services: '10.231.64.0/18',
    api: '10.231.64.1',
    dns: '10.231.64.10',
    gateway: '10.231.64.20',
    outside: '10.231.129.0/24',
    resolver: '10.231.129.3',
  })
})

test.each([
  { name: 'no routes', routes: [], octet: 231 },
  { name: 'a home network elsewhere', routes: ['192.168.1.0/24', '0.0.0.0/0'], octet: 231 },
  { name: 'a home network in the first block', routes: ['10.231.4.0/24'], octet: 232 },
  { name: 'one address in it', routes: ['10.231.4.7'], octet: 232 },
  { name: 'a network around two blocks', routes: ['10.231.0.0/16', '10.232.0.0/15'], octet: 234 },
  { name: 'a network around all of 10', routes: ['10.0.0.0/8'], octet: 231 },
  { name: 'something that is no address', routes: ['default', ''], octet: 231 },
])('a free block: $name', ({ routes, octet }) => {
  expect(freeOctet(routes)).toBe(octet)
})
