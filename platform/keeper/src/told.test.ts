import { describe, expect, it } from 'vitest'
import type { Seen } from '@homeslice/release'
import { createMetrics } from '@homeslice/service-kit'
import { createTelling } from './told.ts'

const object = { apiVersion: 'v1', kind: 'Service', namespace: 'casa-prod-web', name: 'web' }
const noticed = '2026-01-01T00:00:00.000Z'
const seen: Seen = {
  time: noticed,
  count: 4,
  drift: [
    { service: 'web', object, change: 'changed', path: 'a', manager: 'kubectl', noticed },
    { service: 'web', object, change: 'changed', path: 'b', manager: 'kubectl', noticed },
    { service: 'web', object, change: 'removed', path: 'c', noticed },
    {
      service: 'web',
      object: { apiVersion: 'v1', kind: 'Namespace', name: 'casa-prod-web' },
      change: 'deleted',
      noticed,
    },
  ],
  blind: [],
}
const lines = async (...looks: readonly (Seen | undefined)[]): Promise<string[]> => {
  const { registry } = createMetrics('keeper')
  const tell = createTelling({ registry })
  for (const look of looks) tell(look)
  return (await registry.metrics()).split('\n').filter((line) => /^homeslice_(drift|keeper)/u.test(line))
}

describe('what was seen, as metrics', () => {
  it('names the service that it befalls, the object, and who did it', async () => {
    expect(await lines(seen)).toEqual([
      'homeslice_drift{service="web",object="Service/casa-prod-web/web",manager="kubectl"} 2',
      'homeslice_drift{service="web",object="Service/casa-prod-web/web",manager="unknown"} 1',
      'homeslice_drift{service="web",object="Namespace/casa-prod-web",manager="unknown"} 1',
      'homeslice_drift_changes{service="keeper"} 4',
      'homeslice_keeper_looked_timestamp_seconds{service="keeper"} 1767225600',
      'homeslice_keeper_looks_total{result="ok",service="keeper"} 1',
    ])
  })

  it('is gone once it is taken back, and stays while nobody can look', async () => {
    const ofDrift = (all: readonly string[]) => all.filter((line) => line.startsWith('homeslice_drift{'))
    expect(ofDrift(await lines(seen, { ...seen, count: 0, drift: [] }))).toEqual([])
    expect(ofDrift(await lines(seen, undefined))).toHaveLength(3)
    expect(await lines(undefined)).toContain('homeslice_keeper_looks_total{result="failed",service="keeper"} 1')
  })
})
