import type { CannotStart } from '@homeslice/service-kit'

/** The zone of LOCATION: UTC where there is none, this process's own for `Local`. */
export const zoneOf = (location: string | undefined): { readonly ok: true; readonly zone: string } | CannotStart => {
  const zone = location === 'Local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : location || 'UTC'
  try {
    // Offsets such as +01:00 are no zones: they know no summer time.
    if (/^[+-]/u.test(zone)) throw new RangeError(zone)
    Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return { ok: true, zone }
  } catch {
    return {
      ok: false,
      exit: 2,
      message: `LOCATION is "${location}", which is no timezone; write it like Europe/Lisbon`,
    }
  }
}
