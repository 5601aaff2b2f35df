import { describe, expect, it } from 'vitest'
import { askedOf, type NodeRoom, roomOnNodes } from './nodes.ts'
import { desiredOf } from './server.testing.ts'
import { home } from './table/home.testing.ts'

const node = (name: string, mebibytes: number, labels: Record<string, string> = {}): NodeRoom => ({
  name,
  mebibytes,
  labels: { 'kubernetes.io/os': 'linux', ...labels },
})
const asked = (services: string) => askedOf(desiredOf(home(services), 'prod'))

describe('memory that pods ask for, against what nodes have', () => {
  it('is read from what makes pods', () => {
    const services = '  big: { image: "a:1", resources: { memory: { request: 1536Ki, limit: 1Gi } }, replicas: 3 }'
    expect(asked(services)).toEqual([
      { service: 'big', mebibytes: 2, pods: 3, labels: { 'kubernetes.io/os': 'linux' } },
      { service: 'clock', mebibytes: 64, pods: 1, labels: { 'kubernetes.io/os': 'linux' } },
    ])
  })

  it.each([
    ['enough', '', [node('pi', 64)], []],
    ['no node known', '', [], []],
    [
      'too little',
      '  big: { image: "a:1", resources: { memory: 512Mi } }',
      [node('pi', 400), node('nuc', 500)],
      ['no node has room for big: it asks for 512 MiB of memory, and of the 500 MiB of nuc, 500 MiB are left'],
    ],
    [
      'room for some of its pods',
      '  big: { image: "a:1", replicas: 5, resources: { memory: 256Mi } }',
      [node('pi', 300), node('nuc', 600)],
      ['no node has room for big: it asks for 256 MiB of memory, and of the 600 MiB of nuc, 88 MiB are left'],
    ],
    [
      'a label that no node has',
      '  disk: { image: "a:1", node: { disk: ssd } }',
      [node('pi', 900)],
      ['no node has the labels that disk asks for: kubernetes.io/os=linux, disk=ssd'],
    ],
    [
      'a label that a node has',
      '  disk: { image: "a:1", node: { disk: ssd } }',
      [node('pi', 900, { disk: 'ssd' })],
      [],
    ],
  ])('%s', (_, services, nodes, words) => {
    expect(roomOnNodes(asked(services), nodes).map((one) => one.words)).toEqual(words)
  })
})
