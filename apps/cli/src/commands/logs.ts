import { setTimeout as sleep } from 'node:timers/promises'
import { followLogs, readLogs } from '@homeslice/cluster'
import { namespaceOf } from '@homeslice/render'
import { exitOf, reach } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHome, serviceNamed } from '../home-file.ts'
import { failed, type Outcome } from '../outcome.ts'

type LogFlags = HomeFlags & { readonly follow: boolean; readonly previous: boolean; readonly tail: number }

/** `homeslice logs SERVICE`: the last lines of each of its pods, and with `--follow` those that come. */
export const logs = async (context: Context, flags: LogFlags, name: string): Promise<Outcome> => {
  const nothing = { service: name, lines: [] }
  const loaded = await loadHome(context, flags)
  if (!loaded.ok) return failed(2, loaded.error, nothing)
  const { home, environment } = loaded
  const named = serviceNamed(environment, name)
  if (!named.ok) return failed(2, named.error, nothing)
  const reached = await reach(context, home)
  if (!reached.ok) return failed(reached.exit, reached.error, nothing)
  const namespace = namespaceOf({ home: home.name, env: environment.name, service: name })
  const lines: { readonly pod: string; readonly line: string }[] = []
  const onLine = (line: string, pod: string): void => {
    if (flags.json) lines.push({ pod, line })
    else context.process.stdout.write(`${line}\n`)
  }
  const options = { namespace, tail: flags.tail, previous: flags.previous, onLine }
  if (flags.follow && !flags.json) {
    const followed = await followLogs(reached.connection, {
      ...options,
      signal: context.signal,
      pause: (ms) => sleep(ms),
    })
    return followed.ok ? { exit: 130, document: nothing, text: '' } : failed(exitOf(followed), followed, nothing)
  }
  const read = await readLogs(reached.connection, options)
  if (!read.ok) return failed(exitOf(read), read, nothing)
  if (read.pods.length === 0) {
    return failed(1, { message: `${name} has no pod`, fix: 'see `homeslice status`' }, nothing)
  }
  return { exit: 0, document: { service: name, lines }, text: '' }
}
