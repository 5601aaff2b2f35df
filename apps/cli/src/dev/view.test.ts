import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseHome } from '@homeslice/config'
import { root } from '@homeslice/testing'
import { planOf } from './plan.ts'
import { viewOf } from './view.ts'

describe('the requests that the page offers', () => {
  const read = parseHome(readFileSync(join(root, 'home/example.yaml'), 'utf8'))
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const plan = planOf(read.home, read.home.environments['prod']!, {
    portsOf: () => ({ port: 5000, metricsPort: 6000 }),
    addressOf: () => '127.0.0.2',
    has: () => true,
  })
  const { services } = viewOf(plan, {
    statusOf: () => ({ state: 'ready', restarts: 0 }),
    devices: new Map(),
    problem: undefined,
    door: 4401,
    inspect: undefined,
    faults: [],
  })
  const requestsOf = (service: string): string[] =>
    services.find(({ name }) => name === service)!.calls.map(({ method, path }) => `${method} ${path}`)

  it.each(services.map(({ name }) => name))('of %s are there, each once', (name) => {
    const requests = requestsOf(name)
    expect(requests).not.toEqual([])
    expect([...new Set(requests)]).toEqual(requests)
  })

  it('name what the settings name by an id, and else the devices', () => {
    expect(requestsOf('sonos')).toEqual([
      'POST /api/v0/sonos/curations/dinner/status',
      'POST /api/v0/sonos/curations/groove/status',
      'GET /api/v0/sonos/curations/dinner/status',
      'GET /api/v0/sonos/curations/groove/status',
      'POST /api/v0/sonos/curations/dinner/{operation}',
      'POST /api/v0/sonos/curations/groove/{operation}',
      'GET /api/v0/sonos/curations/dinner',
      'GET /api/v0/sonos/curations/groove',
    ])
    expect(requestsOf('switches')).toContain('POST /api/v0/switches/lamp/toggle/')
  })

  it('are only those that do something, not those that are refused', () => {
    expect(requestsOf('lmz')).toEqual(['GET /api/v0/lmz/ON', 'GET /api/v0/lmz/OFF', 'GET /api/v0/lmz/STATUS'])
    expect(requestsOf('clocktime')).toEqual(['GET /api/v0/clocktime/'])
  })
})
