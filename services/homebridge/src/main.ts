import { counter, gauge, runService } from '@homeslice/service-kit'
import { type Outcome, registerHttp } from './accessory.ts'
import { createHomebridge } from './app.ts'
import type { Bridge } from './bridge.ts'
import { prepareConfig } from './config.ts'
import './inner-parts.ts'

// Homebridge opens its port on its own time, and says only so that it could not.
process.once('uncaughtException', (error: NodeJS.ErrnoException & { port?: number }) => {
  const taken = `port ${error.port} is taken by another program on this node; set \`port\` to another`
  process.stderr.write(`homebridge: ${error.code === 'EADDRINUSE' ? taken : error.stack}\n`)
  process.exit(error.code === 'EADDRINUSE' ? 2 : 1)
})
// What is written here holds keys.
process.umask(0o077)
const exitCode = await runService(
  'homebridge',
  async ({ args, env }, { log, metrics: { registry } }) => {
    const [wanted, ...more] = args
    if (more.length > 0) {
      return { ok: false, exit: 1, message: 'usage: homebridge [CONFIG]\n  CONFIG  what it is to show, as JSON' }
    }
    const folder = env.HOMEBRIDGE_FOLDER ?? '/homebridge'
    const prepared = prepareConfig(folder, wanted, env.LISTEN_HOST)
    if (!prepared.ok) return prepared
    const commands = counter(registry, 'homeslice_homekit_requests_total', 'What HomeKit asked, by how it ended.', [
      'accessory',
      'operation',
      'result',
    ])
    const paired = gauge(
      registry,
      'homeslice_homekit_paired',
      '1 if a home has been paired with the bridge, else 0.',
      [],
    )
    const outcomes = new Map<string, Outcome>()
    const plugin = registerHttp((outcome) => {
      const { name: accessory, operation, result } = outcome
      commands.inc({ accessory, operation, result })
      outcomes.set(accessory, outcome)
      if (result !== 'ok') log.warn({ accessory, operation }, outcome.says)
    })
    let bridge: Bridge
    try {
      const { startBridge } = await import('./bridge.ts')
      bridge = await startBridge({ folder, log, plugin, isOurs: prepared.isOurs })
    } catch (error) {
      return { ok: false, exit: 2, message: `Homebridge does not start: ${(error as Error).message}` }
    }
    const names = (prepared.config.accessories ?? []).map(({ name }) => String(name))
    const state = () => {
      if (!bridge.isPublished()) return 'starting'
      return bridge.isPaired() ? 'paired' : 'waiting to be paired'
    }
    const facts = () => {
      paired.set({}, bridge.isPaired() ? 1 : 0)
      return { state: state(), accessories: names.length }
    }
    return {
      ok: true,
      handler: createHomebridge(() => ({ state: state(), names, outcomes })),
      facts,
      close: bridge.stop,
    }
  },
  // On the network of the node the usual ports may be others'; 8581 is where Homebridge's own page was.
  { args: process.argv.slice(2), env: { PORT: '8581', METRICS_PORT: '8582', ...process.env } },
)
// Homebridge leaves timers and sockets of the network behind that nobody waits for.
process.exit(exitCode)
