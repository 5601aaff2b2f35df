import { connectInside, type Connection, type Failure } from '@homeslice/cluster'
import { driftLooker, type DriftLooker, readSeen, writeSeen } from '@homeslice/release'
import { runService, text } from '@homeslice/service-kit'
import { settingsOf } from './settings.ts'
import { createTelling } from './told.ts'
import { createWatch } from './watch.ts'

type Eyes = { readonly ok: true; readonly connection: Connection; readonly look: DriftLooker }

/** Connects once the server is there, and not before it is needed. */
const eyesOf = (env: Readonly<Record<string, string | undefined>>, signal: AbortSignal) => {
  let eyes: Eyes | undefined
  return async (): Promise<Eyes | Failure> => {
    if (eyes !== undefined) return eyes
    const connected = await connectInside({ env, signal })
    if (!connected.ok) return connected
    const { connection } = connected
    eyes = { ok: true, connection, look: driftLooker(connection) }
    return eyes
  }
}

process.exitCode = await runService(
  'keeper',
  async ({ env }, { log, metrics }) => {
    const read = settingsOf(env)
    if (!read.ok) return read
    const { estate, everySeconds } = read.settings
    const stop = new AbortController()
    const eyes = eyesOf(env, stop.signal)
    const watch = createWatch({
      look: async () => {
        const open = await eyes()
        // With a right to list Secrets would come their values, so it has none.
        return open.ok ? open.look({ estate, secrets: false }) : open
      },
      read: async () => {
        const open = await eyes()
        return open.ok ? readSeen(open.connection, estate) : open
      },
      write: async (seen) => {
        const open = await eyes()
        return open.ok ? writeSeen(open.connection, estate, seen) : open
      },
      now: () => new Date(),
      log,
      onLook: createTelling(metrics),
    })
    const running = watch.run(everySeconds, stop.signal)
    return {
      ok: true,
      handler: () => text(`${JSON.stringify(watch.seen() ?? {})}\n`),
      facts: () => ({ looked: watch.seen()?.time, changes: watch.seen()?.count }),
      close: async () => {
        stop.abort()
        await running
      },
    }
  },
  { args: process.argv.slice(2), env: process.env },
)
