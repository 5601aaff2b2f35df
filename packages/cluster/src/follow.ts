import type { Connection } from './connection.ts'
import type { Failure } from './failure.ts'
import { type LogOptions, podLog, runningPods } from './logs.ts'

/** As `LogOptions`, until the signal is given. `pause` waits between two looks. */
export type FollowOptions = LogOptions & {
  readonly signal: AbortSignal
  readonly pause: (milliseconds: number) => Promise<unknown>
}

const lookMilliseconds = 500

/** Before any line. */
const beginning = '1970-01-01T00:00:00Z'

/** Lines as they come, of every pod of a namespace, those that start later too. */
export const followLogs = async (
  connection: Connection,
  options: FollowOptions,
): Promise<{ readonly ok: true } | Failure> => {
  const seen = new Map<string, string>()
  let first = true
  while (!options.signal.aborted) {
    const running = await runningPods(connection, options.namespace)
    if (!running.ok) return options.signal.aborted ? { ok: true } : running
    for (const pod of running.pods) {
      const since = seen.get(pod)
      // At least one line, to know from where to go on; of a pod that started since, every line.
      const part = first ? { tail: Math.max(options.tail, 1) } : { since: since ?? beginning }
      const read = await podLog(connection, { namespace: options.namespace, pod, ...part })
      if (!read.ok) continue // a pod that just went; the next look tells
      const fresh = read.lines.filter(({ time }) => since === undefined || time > since)
      const shown = first ? fresh.slice(Math.max(fresh.length - options.tail, 0)) : fresh
      for (const { line } of shown) options.onLine(line, pod)
      seen.set(pod, fresh.at(-1)?.time ?? since ?? beginning)
    }
    first = false
    await options.pause(lookMilliseconds)
  }
  return { ok: true }
}
