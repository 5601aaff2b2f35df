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
const simulator = await start(child === undefined ? { name } : { name, child })
await serveControl(simulator, 8000)
await serveHealth(9000)
process.stdout.write(`${JSON.stringify({ simulator: kind, name, port: simulator.state().port })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
