import { describe, expect, it } from 'vitest'
import type { Drift } from '@homeslice/plan'
import type { KubeObject } from '@homeslice/render'
import { isSettled, lastApplied } from './drift.ts'
import { releaseFrom } from './release.ts'
import { sameSight, seenAt, seenIn } from './seen.ts'

const object = { apiVersion: 'v1', kind: 'Service', namespace: 'casa-prod-web', name: 'web' }
const one: Drift = { service: 'web', object, change: 'changed', path: 'spec.x', before: '1', after: '2' }
const day = (number: number): string => `2026-01-0${number}T00:00:00.000Z`

describe('what is seen', () => {
  it('keeps the time at which it was noticed for as long as it is the same change by the same one', () => {
    const first = seenAt(day(1), { drift: [one], blind: ['big'] }, [])
    expect(first).toEqual({ time: day(1), count: 1, drift: [{ ...one, noticed: day(1) }], blind: ['big'] })
    const again = seenAt(
      day(2),
      {
        drift: [
          { ...one, after: '3' },
          { ...one, manager: 'ben' },
        ],
        blind: [],
      },
      first.drift,
    )
    expect(again.drift.map(({ noticed }) => noticed)).toEqual([day(1), day(2)])
  })

  it('is the same whenever it was seen', () => {
    const seen = (time: string, drift: readonly Drift[]) => seenAt(time, { drift, blind: [] }, [])
    expect(sameSight(seen(day(1), []), seen(day(2), []))).toBe(true)
    expect(sameSight(seen(day(1), []), seen(day(1), [one]))).toBe(false)
  })

  it('is told one by one as far as one object can hold it', () => {
    const many = seenAt(day(1), { drift: Array.from({ length: 3000 }, () => one), blind: [] }, [])
    expect([many.count, many.drift.length]).toEqual([3000, 500])
  })

  it.each([
    ['nothing', undefined],
    ['no JSON', '{'],
    ['something else', '{"drift":1}'],
    ['half of it', '{"drift":[]}'],
    ['a word', '"drift"'],
  ])('is unknown where an object holds %s', (_, text) => {
    const data = text === undefined ? {} : { data: { 'drift.json': text } }
    expect(seenIn({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'keeper' }, ...data })).toBeUndefined()
  })

  it('is read as it was written', () => {
    const seen = seenAt(day(1), { drift: [one], blind: [] }, [])
    const data = { 'drift.json': JSON.stringify(seen) }
    expect(seenIn({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'keeper' }, data })).toEqual(seen)
  })
})

describe('what a look may tell', () => {
  const release = (service: string, number: number, verdict: string) =>
    releaseFrom({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `casa-prod-${service}-r${number}`,
        labels: { 'homeslice.dev/record-service': service },
        annotations: { 'homeslice.dev/verdict': verdict },
      },
    })
  const [ready, pending, next] = [release('web', 1, 'ready'), release('web', 2, 'pending'), release('web', 2, 'ready')]
  const platform = release('platform', 1, 'ready')

  it.each([
    ['all, where nothing came in between', [ready], [ready], 'web', [true, true]],
    ['nothing, where a version came in between', [ready], [ready, pending], 'web', [false, false]],
    ['nothing, where one became ready in between', [ready, pending], [ready, next], 'web', [false, false]],
    [
      'what is changed, not what is gone, while one is brought',
      [ready, pending],
      [ready, pending],
      'web',
      [true, false],
    ],
    ['all of what services share', [platform], [platform], 'redirects', [true, true]],
    ['nothing of it where it moved', [], [platform], 'keeper', [false, false]],
    ['all of what nobody recorded', [ready], [ready], 'elsewhere', [true, true]],
  ] as const)('%s', (...[, before, after, service, told]) => {
    const settled = isSettled(before, after)
    expect([settled({ service, change: 'changed' }), settled({ service, change: 'deleted' })]).toEqual(told)
  })

  const deployment = (image: string, type: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { strategy: { type }, image },
  })
  const config: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web-2' } }

  it('goes by the newest version, but for what came back from the one before', () => {
    const [old, young] = [deployment('a:1', 'Recreate'), deployment('a:2', 'Recreate')]
    expect(lastApplied([[young, config]])).toEqual([young, config])
    expect(lastApplied([[young, config], [old]])).toEqual([config, old])
    expect(lastApplied([[young, config], [deployment('a:1', 'RollingUpdate')]])).toEqual([young, config])
    expect(lastApplied([])).toEqual([])
  })
})
