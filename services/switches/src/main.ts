import { kasaSwitch, queued, type Switch, wemoSwitch } from '@homeslice/devices'
import { counter, gauge, runService } from '@homeslice/service-kit'
import { createSwitches } from './app.ts'
import { readConfig, type SwitchConfig } from './config.ts'

const deviceOf = ({ kind, name, address, port, child }: SwitchConfig): Switch => {
  if (kind === 'wemo/v1') return wemoSwitch({ name, host: address, ...(port === undefined ? {} : { port }) })
  // The port of a Kasa switch is always 9999: the original ignored the one in the file, and files in use name others.
  return kasaSwitch({ name, host: address, ...(child === undefined ? {} : { child }) })
}

process.exitCode = await runService(
  'switches',
  async ({ args, env }, { metrics: { registry } }) => {
    const [path, ...more] = args
    if (path === undefined || more.length > 0) {
      return { ok: false, exit: 1, message: 'usage: switches CONFIG\n  CONFIG  the JSON file that names the switches' }
    }
    const config = readConfig(path)
    if (!config.ok) return config
    const commands = counter(registry, 'homeslice_device_commands_total', 'Commands to devices by how they ended.', [
      'device',
      'operation',
      'result',
    ])
    const answers = gauge(registry, 'homeslice_device_answers', '1 if the device answered the last command, else 0.', [
      'device',
    ])
    const trouble = new Map<string, string>()
    const handler = createSwitches({
      switches: new Map([...config.switches.values()].map((one) => [one.id, queued(deviceOf(one), one.name)])),
      alwaysOk: env.SWITCHES_ALWAYS_OK === '1',
      onResult: (id, operation, result) => {
        commands.inc({ device: id, operation, result: result.ok ? 'ok' : result.kind })
        answers.set({ device: id }, result.ok ? 1 : 0)
        if (result.ok) trouble.delete(id)
        else trouble.set(id, result.reason)
      },
    })
    return { ok: true, handler, facts: () => ({ devices: config.switches.size, trouble: Object.fromEntries(trouble) }) }
  },
  { args: process.argv.slice(2), env: process.env },
)
