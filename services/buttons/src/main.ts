import { runService } from '@homeslice/service-kit'
import { createButtons } from './app.ts'
import { createClock } from './clock.ts'
import { createMemory } from './memory.ts'
import { settingsOf } from './settings.ts'

process.exitCode = await runService(
  'buttons',
  async ({ env }, { log }) => {
    const settings = settingsOf(env)
    if (!settings.ok) return settings
    const { clocktimeUrl, size, stateFile } = settings
    const memory = createMemory({
      size,
      ...(stateFile === undefined ? {} : { file: stateFile }),
      onTrouble: (sentence) => log.warn(sentence),
    })
    return { ok: true, handler: createButtons({ memory, clock: createClock(clocktimeUrl) }) }
  },
  { args: process.argv.slice(2), env: process.env },
)
