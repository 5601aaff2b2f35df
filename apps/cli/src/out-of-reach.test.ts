import { expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { outOfReach } from './out-of-reach.ts'

const read = parseHome(
  `version: 1
home: { name: casa, timezone: UTC, domain: casa.test }
environments: { prod: {}, staging: {} }
devices:
  porch: { kind: kasa, address: 192.0.2.20 }
  lamp: { kind: wemo, address: 192.0.2.21, simulate: true }
  spare: { kind: kasa, address: 192.0.2.22 }
services: { switches: { use: switches, devices: [porch, lamp] } }
`,
  'home.yaml',
)
if (!read.ok) throw new Error(read.problems[0]?.message)
const { prod, staging } = read.home.environments
if (prod === undefined || staging === undefined) throw new Error('both environments stand in the file')
const lost = { reachable: false, reason: 'no way out' } as const

it('names the real devices that are used, where there is no way to them', () => {
  expect(outOfReach(lost, prod)).toEqual(['  porch (192.0.2.20) is out of reach: no way out'])
})

it('has nothing to say where they can be reached, or where all are simulated', () => {
  expect(outOfReach({ reachable: true }, prod)).toEqual([])
  expect(outOfReach(lost, staging)).toEqual([])
})
