import type { Seen } from '@homeslice/release'
import { counter, gauge, type Metrics } from '@homeslice/service-kit'

/** Tells what was seen as metrics: how many changes there are, by service, object and manager, and when it was looked. */
export const createTelling = ({ registry }: Pick<Metrics, 'registry'>): ((seen: Seen | undefined) => void) => {
  const drift = gauge(registry, 'homeslice_drift', 'Changes by others since an object was applied.', [
    'service',
    'object',
    'manager',
  ])
  const total = gauge(registry, 'homeslice_drift_changes', 'All changes by others, also those not told one by one.', [])
  const time = gauge(registry, 'homeslice_keeper_looked_timestamp_seconds', 'When drift was looked for last.', [])
  const looks = counter(registry, 'homeslice_keeper_looks_total', 'Looks for drift by how they ended.', ['result'])
  return (seen) => {
    looks.inc({ result: seen === undefined ? 'failed' : 'ok' })
    // Whoever cannot look now still says what was seen, and by the time of that how old it is.
    if (seen === undefined) return
    drift.reset()
    time.set(Date.parse(seen.time) / 1000)
    total.set(seen.count)
    for (const { service, object, manager = 'unknown' } of seen.drift) {
      const place = [object.kind, object.namespace, object.name].filter((part) => part !== undefined).join('/')
      drift.inc({ service, object: place, manager })
    }
  }
}
