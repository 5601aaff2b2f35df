import type { Connection } from './connection.ts'
import type { Failure } from './failure.ts'
import { type LogOptions, podLog, runningPods } from './logs.ts'

/** As `LogOptions`, until the signal is given. `pause` waits between two looks. */
export type FollowOptions = LogOptions & {
  readonly signal: AbortSignal
  readonly pause: (milliseconds: number) => Promise<unknown>
}

const lookMilliseconds = 500

/** Lines as they come, of every pod of a namespace, those that start later too. */
export const followLogs = async (
  connection: Connection,
  options: FollowOptions,
): Promise<{ readonly ok: true } | Failure> => {
  const seen = new Map<string, string>()
  const first = new Date().toISOString()
  while (!options.signal.aborted) {
    const running = await runningPods(connection, options.namespace)
    if (!running.ok) return options.signal.aborted ? { ok: true } : running
    for (const pod of running.pods) {
      const since = seen.get(pod)
      const read = await podLog(connection, {
        namespace: options.namespace,
        pod,
        ...(since === undefined ? { tail: options.tail } : { since }),
      })
      if (!read.ok) continue // a pod that just went; the next look tells
      const fresh = read.lines.filter(({ time }) => since === undefined || time > since)
      for (const { line } of fresh) options.onLine(line, pod)
      seen.set(pod, fresh.at(-1)?.time ?? since ?? first)
    }
    await options.pause(lookMilliseconds)
  }
  return { ok: true }
}
