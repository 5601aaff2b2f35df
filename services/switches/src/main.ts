import { runService } from '@homeslice/service-kit'
import { createSwitches } from './app.ts'
import { checkAccounts, readConfig } from './config.ts'
import { devicesOf } from './device.ts'
import { createHealth } from './health.ts'

process.exitCode = await runService(
  'switches',
  async ({ args, env }, { metrics }) => {
    const [path, ...more] = args
    if (path === undefined || more.length > 0) {
      return { ok: false, exit: 1, message: 'usage: switches CONFIG\n  CONFIG  the JSON file that names the switches' }
    }
    const config = await checkAccounts(readConfig(path), path)
    if (!config.ok) return config
    const switches = [...config.switches.values()]
    const health = createHealth(metrics)
    const handler = createSwitches({
      switches: devicesOf(switches),
      alwaysOk: env.SWITCHES_ALWAYS_OK === '1',
      onResult: health.note,
    })
    return { ok: true, handler, facts: () => ({ devices: switches.length, trouble: health.trouble() }) }
  },
  { args: process.argv.slice(2), env: process.env },
)
