import { runOnce } from '@homeslice/service-kit'
import { backup } from './backup.ts'
import { settingsOf } from './settings.ts'

process.exitCode = await runOnce(
  'backup-unifi',
  async (start, { signal }) => {
    const settings = settingsOf(start)
    return settings.ok ? backup(settings, { signal, now: new Date() }) : settings
  },
  { args: process.argv.slice(2), env: process.env },
)
