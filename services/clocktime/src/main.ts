import { runService } from '@homeslice/service-kit'
import { createClocktime } from './app.ts'
import { zoneOf } from './settings.ts'

process.exitCode = await runService(
  'clocktime',
  async ({ env }) => {
    const zone = zoneOf(env.LOCATION)
    return zone.ok ? { ok: true, handler: createClocktime(zone.zone) } : zone
  },
  { args: process.argv.slice(2), env: process.env },
)
