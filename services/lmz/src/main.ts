import { laMarzocco, newInstallationKey } from '@homeslice/devices'
import { counter, gauge, runService } from '@homeslice/service-kit'
import { createLmz } from './app.ts'
import { levelOf, readSettings } from './settings.ts'

const args = process.argv.slice(2)

if (args[0] === 'new-key') process.stdout.write(newInstallationKey())
else {
  process.exitCode = await runService(
    'lmz',
    async ({ env }, { log, metrics: { registry } }) => {
      const read = readSettings(env)
      if (!read.ok) return read
      const commands = counter(registry, 'homeslice_device_commands_total', 'Commands to devices by how they ended.', [
        'device',
        'operation',
        'result',
      ])
      const answers = gauge(
        registry,
        'homeslice_device_answers',
        '1 if the device answered the last command, else 0.',
        ['device'],
      )
      const device = 'machine'
      let trouble: string | undefined
      const machine = laMarzocco({ ...read.settings, now: Date.now })
      const handler = createLmz({
        machine,
        onResult: ({ operation, result, trouble: reason }) => {
          trouble = reason
          commands.inc({ device, operation, result: result.ok ? 'ok' : result.kind })
          answers.set({ device }, reason === undefined ? 1 : 0)
        },
      })
      const signedIn = machine.prepare().then((result) => {
        if (result.ok) return log.info('signed in')
        trouble = result.reason
        return log.warn({ reason: result.reason }, 'not signed in yet: the first request tries again')
      })
      return {
        ok: true,
        handler,
        facts: () => ({ devices: 1, trouble: trouble === undefined ? {} : { [device]: trouble } }),
        close: () => {
          machine.close()
          return signedIn
        },
      }
    },
    { args, env: { ...process.env, LOG_LEVEL: levelOf(process.env.LOG_LEVEL) } },
  )
}
