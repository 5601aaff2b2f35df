import { describe, expect, test } from 'vitest'
import { digestIn, withDigest } from './containers.ts'
import { aptCommand, missingPackages } from './debian.ts'
import { foldersFrom, placesOf } from './folders.ts'
import { canFetchGo } from './go.ts'
import { guard } from './guard.ts'
import { checkName } from './name.ts'
import { outsideFrom } from './outside.ts'
import { isUnknownKind } from './parts/apply.ts'
import { nodeIsReady, podIsReady } from './parts/ready.ts'
import { podOf, pssOf, treeOf } from './processes.ts'

describe('folders', () => {
  test('come from the environment, or lie under the home folder', () => {
    expect(foldersFrom({ HOMESLICE_STATE: '/s', HOMESLICE_CACHE: 'c' }, '/here')).toEqual({
      state: '/s',
      cache: '/here/c',
    })
    expect(foldersFrom({ HOMESLICE_STATE: '' }).state).toMatch(/\/\.local\/state\/homeslice$/)
    expect(foldersFrom({}).cache).toMatch(/\/\.cache\/homeslice$/)
  })

  test('sandboxes of one name in two state folders have two control groups', () => {
    const one = placesOf({ state: '/a', cache: '/c' }, 'dev')
    const other = placesOf({ state: '/b', cache: '/c' }, 'dev')
    expect(one.group).toMatch(/^\/homeslice-dev-[0-9a-f]{8}$/)
    expect(one.group).not.toBe(other.group)
  })
})

test.each([
  ['dev', true],
  ['a', true],
  ['my-house-2', true],
  ['', false],
  ['-a', false],
  ['a-', false],
  ['2nd', false],
  ['Dev', false],
  ['a/../b', false],
  ['a'.repeat(41), false],
])('a sandbox called "%s": %s', (name, fine) => {
  expect(checkName(name).ok).toBe(fine)
})

test.each([
  ['go1.26.8', true],
  ['go1.21', true],
  ['go2.0', true],
  ['go1.20.14', false],
  ['devel', false],
  ['', false],
])('%s can fetch another Go: %s', (version, can) => {
  expect(canFetchGo(version)).toBe(can)
})

describe('Debian packages', () => {
  test('that are missing go into one command', () => {
    expect(aptCommand(['nftables', 'ipset'])).toBe(
      'apt-get update && apt-get install -y --no-install-recommends nftables ipset',
    )
  })

  test('are found by their programs, also outside PATH', () => {
    expect(missingPackages({ PATH: '' })).toEqual(missingPackages({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }))
  })
})

describe('images', () => {
  test('the digest is found in what ctr lists', () => {
    const digest = `sha256:${'0a'.repeat(32)}`
    expect(digestIn(`REF TYPE DIGEST\nhome/x:1 application/x ${digest} 1 MiB`)).toBe(digest)
    expect(digestIn('REF TYPE DIGEST\n')).toBeUndefined()
  })

  test.each([
    ['switches:abc', 'switches@sha256:1'],
    ['host.test:5000/a/switches:abc', 'host.test:5000/a/switches@sha256:1'],
    ['host.test:5000/a/switches', 'host.test:5000/a/switches@sha256:1'],
    ['switches:abc@sha256:0', 'switches@sha256:1'],
  ])('%s is also known as %s', (reference, expected) => {
    expect(withDigest(reference, 'sha256:1')).toBe(expected)
  })
})

const at = (pid: number, parent: number) => ({ pid, parent, program: `p${pid}` })

describe('processes', () => {
  test.each([
    [
      '3:memory:/homeslice-dev-1/kubepods/burstable/pod87663365-b9fd-421b-bcbe-34224c4436e8/7138',
      '87663365-b9fd-421b-bcbe-34224c4436e8',
    ],
    ['0::/homeslice-dev-1/kubepods/pod87663365-b9fd-421b-bcbe-34224c4436e8', '87663365-b9fd-421b-bcbe-34224c4436e8'],
    ['0::/user.slice', undefined],
  ])('%s belongs to %s', (cgroup, pod) => {
    expect(podOf(cgroup)).toBe(pod)
  })

  test('a tree holds the children of children, in any order', () => {
    const tree = treeOf([at(9, 7), at(7, 5), at(5, 1), at(6, 1), at(8, 6)], 5)
    expect(tree.map(({ pid }) => pid)).toEqual([9, 7, 5])
  })

  test('memory is what the kernel calls PSS', () => {
    expect(pssOf('00400000-7ff r---p 0 00:00 0 [rollup]\nRss:  900 kB\nPss:    123 kB\nPss_Dirty: 7 kB\n')).toBe(123)
    expect(pssOf('')).toBe(0)
  })
})

const routes = (...names: string[]) =>
  ['Iface\tDestination', ...names.map((name) => `${name}\t00000000`), ''].join('\n')

describe('the outside', () => {
  const fine = {
    installed: true,
    tunnels: true,
    routesInside: routes('lan0', 'node0'),
    routesOfMachine: routes('eth0'),
    said: '',
  }

  test.each([
    { name: 'reachable', facts: fine, reason: /^$/ },
    { name: 'no program', facts: { ...fine, installed: false }, reason: /not installed/ },
    { name: 'no tunnels', facts: { ...fine, tunnels: false }, reason: /\/dev\/net\/tun/ },
    {
      name: 'not connected',
      facts: { ...fine, routesInside: routes('node0'), said: 'broken' },
      reason: /not connected: broken/,
    },
    { name: 'a lonely machine', facts: { ...fine, routesOfMachine: routes('lo') }, reason: /no route/ },
  ])('$name', ({ facts, reason }) => {
    const outside = outsideFrom(facts)
    expect(outside.reachable ? '' : outside.reason).toMatch(reason)
  })
})

const list = (status: string, time: object) => ({
  items: [
    {
      status: {
        conditions: [
          { type: 'Other', status: 'True' },
          { type: 'Ready', status, ...time },
        ],
      },
    },
  ],
})

describe('readiness', () => {
  const since = new Date('2026-01-01T10:00:05.700Z')
  test.each([
    {
      name: 'became ready after the start',
      answer: list('True', { lastTransitionTime: '2026-01-01T10:00:06Z' }),
      ready: true,
    },
    { name: 'in the same second', answer: list('True', { lastTransitionTime: '2026-01-01T10:00:05Z' }), ready: true },
    {
      name: 'was ready before the kill',
      answer: list('True', { lastTransitionTime: '2026-01-01T10:00:04Z' }),
      ready: false,
    },
    { name: 'is not ready', answer: list('False', { lastTransitionTime: '2026-01-01T10:00:06Z' }), ready: false },
    { name: 'has no conditions yet', answer: { items: [{ status: {} }] }, ready: false },
    { name: 'is not there', answer: { items: [] }, ready: false },
  ])('a pod that $name', ({ answer, ready }) => {
    expect(podIsReady(answer, since)).toBe(ready)
  })

  test('a node is ready by a new heartbeat, however long it has been so', () => {
    const times = { lastTransitionTime: '2026-01-01T09:00:00Z', lastHeartbeatTime: '2026-01-01T10:00:09Z' }
    expect(nodeIsReady(list('True', times), since)).toBe(true)
    expect(nodeIsReady(list('True', { ...times, lastHeartbeatTime: times.lastTransitionTime }), since)).toBe(false)
  })

  test('only a kind that is not served yet is worth another try', () => {
    expect(isUnknownKind('error: no matches for kind "Gateway" in version "x/v1"')).toBe(true)
    expect(isUnknownKind('error: the namespace is missing')).toBe(false)
  })
})

describe('guard', () => {
  test('gives an error of the system in words, with what to do', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    expect(await guard('writing x', () => Promise.reject(full))).toEqual({
      ok: false,
      message: 'writing x: ENOSPC: no space left on device',
      fix: 'make room on that disk',
    })
  })

  test('lets a bug pass', async () => {
    await expect(guard('writing x', () => Promise.reject(new TypeError('bug')))).rejects.toThrow('bug')
  })
})
