import { sonosPlayer } from '@homeslice/devices'
import { createLog } from '@homeslice/service-kit'
import { runChime } from './chime.ts'
import { realClock } from './clock.ts'
import { commandOf } from './command.ts'
import { serveSounds } from './serve-sounds.ts'
import { noState, stateIn } from './state.ts'

const signals = { SIGTERM: 143, SIGINT: 130 } as const
const stopping = new AbortController()
let stoppedBy: keyof typeof signals = 'SIGTERM'
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stoppedBy = signal
    stopping.abort()
  })
}
const { env } = process
const command = commandOf(process.argv.slice(2))
const log = createLog('chime', 'info')
if (command.kind === 'usage') {
  process.stderr.write(`chime: ${command.message}\n`)
  process.exitCode = 2
} else if (command.kind === 'sounds') {
  const ports = { port: Number(env.PORT || 8000), metricsPort: Number(env.METRICS_PORT || 9000) }
  await serveSounds(command.folder, ports, { stop: stopping.signal, log })
} else {
  const folder = env.CHIME_STATE_FOLDER ?? ''
  const deps = {
    playerAt: sonosPlayer,
    state: folder === '' ? noState : stateIn(folder, realClock),
    clock: realClock,
    log,
    stop: stopping.signal,
  }
  log.info({ zone: command.zone, title: command.title, uri: command.uri, volume: command.volume }, 'chime')
  const ending = await runChime(deps, command)
  log.info({ ending }, 'chimed')
  process.exitCode = ending === 'stopped' ? signals[stoppedBy] : ending
}
