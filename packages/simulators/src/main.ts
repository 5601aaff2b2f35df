import { serveControl, serveHealth } from './control.ts'
import type { Place, Simulator } from './fault.ts'
import { startKasa } from './kasa.ts'
import { startLaMarzocco } from './lamarzocco/cloud.ts'
import { startPlaylistPage } from './playlist-page.ts'
import { startSonos } from './sonos/start.ts'
import { startTodoist } from './todoist.ts'
import { startWemo } from './wemo.ts'

const kinds: Readonly<Record<string, (place: Place & { child?: string }) => Promise<Simulator>>> = {
  // It needs more than all the others, who run in pods of their own.
  git: async (place) => (await import('./git.ts')).startGit(place),
  kasa: startKasa,
  lamarzocco: startLaMarzocco,
  'playlist-page': startPlaylistPage,
  sonos: startSonos,
  todoist: startTodoist,
  wemo: startWemo,
}

const [kind = '', name, child] = process.argv.slice(2)
const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
if (start === undefined || name === undefined) {
  process.stderr.write(`usage: simulators KIND NAME [CHILD]\n  KIND  ${Object.keys(kinds).join(' or ')}\n`)
  process.exit(1)
}
// In a cluster each has a pod of its own; on one machine each has an address of its own.
const { LISTEN_HOST: host, PORT: port = '8000', METRICS_PORT: metricsPort = '9000' } = process.env
const simulator = await start({
  name,
  ...(host === undefined ? {} : { host }),
  ...(child === undefined ? {} : { child }),
})
await serveControl(simulator, Number(port), host)
await serveHealth(Number(metricsPort), host)
process.stdout.write(`${JSON.stringify({ simulator: kind, name, port: simulator.state().port })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
