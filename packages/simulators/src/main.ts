import { serveControl, serveHealth } from './control.ts'
import type { Place, Simulator } from './fault.ts'
import { startKasa } from './kasa.ts'
import { startWemo } from './wemo.ts'

const kinds: Readonly<Record<string, (place: Place) => Promise<Simulator>>> = { kasa: startKasa, wemo: startWemo }

const [kind = '', name] = process.argv.slice(2)
const start = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
if (start === undefined || name === undefined) {
  process.stderr.write(`usage: simulators KIND NAME\n  KIND  ${Object.keys(kinds).join(' or ')}\n`)
  process.exit(1)
}
// In a cluster each has a pod of its own; on one machine each has an address of its own.
const { LISTEN_HOST: host, PORT: port = '8000', METRICS_PORT: metricsPort = '9000' } = process.env
const simulator = await start({ name, ...(host === undefined ? {} : { host }) })
await serveControl(simulator, Number(port), host)
await serveHealth(Number(metricsPort), host)
process.stdout.write(`${JSON.stringify({ simulator: kind, name, port: simulator.state().port })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0))
