import { describe, expect, it } from 'vitest'
import type { Seen, Sighting } from '@homeslice/release'
import { driftWords } from './drift-words.ts'
import { keeperWords } from './keeper-words.ts'

const estate = { home: 'casa', env: 'prod' }
const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'casa-prod-web', name: 'web' }
const by = { manager: 'kubectl-edit', operation: 'Update', time: '2026-02-03T04:05:06Z' }
const noticed = '2026-02-04T00:00:00Z'
const line = (more: Omit<Sighting, 'service' | 'object' | 'noticed'>): string => {
  const text = driftWords(estate, { drift: [{ service: 'web', object, noticed, ...more }], blind: [], objects: 7 })
  return text.split('\n')[2] ?? ''
}

describe('drift in words', () => {
  it.each([
    [
      { change: 'changed', path: 'spec.x', before: '1', after: '2', ...by },
      'spec.x 1 → 2, by kubectl-edit at 2026-02-03T04:05:06Z',
    ],
    [
      { change: 'changed', path: 'spec.x', after: '2', ...by },
      'spec.x changed, by kubectl-edit at 2026-02-03T04:05:06Z',
    ],
    [
      { change: 'changed', path: 'spec.x', before: '2' },
      'spec.x changed, nobody knows by whom, noticed at 2026-02-04T00:00:00Z',
    ],
    [
      { change: 'added', path: 'spec.x', after: '2', manager: 'scaler' },
      'spec.x added: 2, by scaler noticed at 2026-02-04T00:00:00Z',
    ],
    [{ change: 'added', path: 'spec.x', manager: 'scaler' }, 'spec.x added, by scaler noticed at 2026-02-04T00:00:00Z'],
    [
      { change: 'removed', path: 'spec.x', before: '1' },
      'spec.x removed, was 1, nobody knows by whom, noticed at 2026-02-04T00:00:00Z',
    ],
    [{ change: 'removed', path: 'spec.x' }, 'spec.x removed, nobody knows by whom, noticed at 2026-02-04T00:00:00Z'],
    [{ change: 'deleted', time: '2026-02-03T04:05:06Z' }, 'deleted, nobody knows by whom, at 2026-02-03T04:05:06Z'],
    [{ change: 'created', ...by }, 'created under our labels, by kubectl-edit at 2026-02-03T04:05:06Z'],
  ] as const)('%j', (more, words) => {
    expect(line(more)).toBe(`    Deployment casa-prod-web/web: ${words}`)
  })

  it('stand by service, below how many there are, above what to do', () => {
    const one: Sighting = { service: 'web', object, change: 'deleted', noticed }
    const text = driftWords(estate, { drift: [one, { ...one, service: 'notes' }, one], blind: ['big'], objects: 7 })
    expect(text.split('\n')).toEqual([
      'casa (prod): 3 changes by others since it was applied',
      '  web',
      expect.stringContaining('deleted'),
      expect.stringContaining('deleted'),
      '  notes',
      expect.stringContaining('deleted'),
      'big cannot be compared: its version was too large to be recorded',
      'to take them back: homeslice up',
    ])
    expect(driftWords(estate, { drift: [one], blind: [], objects: 7 })).toMatch(/^casa \(prod\): 1 change by others/u)
  })

  it('are few where there is none', () => {
    expect(driftWords(estate, { drift: [], blind: ['big'], objects: 7 })).toBe(
      'casa (prod): no drift, 7 objects are as they were applied\nbig cannot be compared: its version was too large to be recorded',
    )
  })
})

describe('what the keeper saw, in a line', () => {
  const now = new Date('2026-01-01T00:03:00Z')
  const seen = (time: string, count: number): Seen => ({ time, count, drift: [], blind: [] })
  it.each([
    [undefined, []],
    [seen('2026-01-01T00:00:00Z', 0), ['  drift: 0, seen at 2026-01-01T00:00:00Z']],
    [
      seen('2026-01-01T00:02:59Z', 2),
      ['  drift: 2, seen at 2026-01-01T00:02:59Z; what, by whom and when: homeslice status --drift'],
    ],
    [seen('2025-12-31T23:59:59Z', 2), ['  keeper has not looked since 2025-12-31T23:59:59Z']],
  ])('%j', (one, words) => {
    expect(keeperWords(one, now)).toEqual(words)
  })
})
