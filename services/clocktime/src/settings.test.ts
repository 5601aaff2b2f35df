import { describe, expect, it } from 'vitest'
import { zoneOf } from './settings.ts'

describe('the zone of clocktime', () => {
  it.each([
    [undefined, 'UTC'],
    ['', 'UTC'],
    ['UTC', 'UTC'],
    ['Local', Intl.DateTimeFormat().resolvedOptions().timeZone],
    ['Europe/Lisbon', 'Europe/Lisbon'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
  ])('of LOCATION %j is %s', (location, zone) => {
    expect(zoneOf(location)).toEqual({ ok: true, zone })
  })

  it.each(['local', 'Europe/Lisbonn', '+01:00', '-05', ' ', 'Mars/Olympus'])('is none of %j', (location) => {
    expect(zoneOf(location)).toEqual({
      ok: false,
      exit: 2,
      message: `LOCATION is "${location}", which is no timezone; write it like Europe/Lisbon`,
    })
  })
})
