import type { Connection } from './connection.ts'
import { failure, type Failure } from './failure.ts'
import { groupsAt, textAt } from './json.ts'
import { type Kind, pathOfKind } from './kinds.ts'
import { listKind } from './objects.ts'

const pods: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, wave: 'workloads' }

/** Which lines of a service's log. */
export type LogOptions = {
  readonly namespace: string
  readonly tail: number
  readonly previous: boolean
  /** Called with whole lines, without their ends. */
  readonly onLine: (line: string, pod: string) => void
}

/** The last lines of each pod of a namespace. */
export const readLogs = async (
  connection: Connection,
  { namespace, tail, previous, onLine }: LogOptions,
): Promise<{ readonly ok: true; readonly pods: readonly string[] } | Failure> => {
  const listed = await listKind(connection, pods, { namespace })
  if (!listed.ok) return listed
  const names = listed.objects.map(({ metadata }) => metadata.name)
  for (const name of names) {
    const query = new URLSearchParams({ tailLines: String(tail), previous: String(previous) })
    const answer = await connection.call({
      method: 'GET',
      path: `${pathOfKind(pods, namespace)}/${name}/log?${query.toString()}`,
    })
    if ('ok' in answer) return answer
    if (answer.status === 200) for (const line of linesOf(answer.body)) onLine(line, name)
    else if (!previous)
      return failure(
        'failed',
        `the log of ${name} cannot be read: ${textAt(answer.body, 'message')}`,
        'see `homeslice status` for what keeps it',
      )
  }
  return { ok: true, pods: names }
}

const linesOf = (body: unknown): string[] => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return text.split('\n').filter((line) => line !== '' && !noLog.test(line))
}

/** What a node says, as if it were a log, of a container that it has thrown away. */
const noLog = /^unable to retrieve container logs for \S+$/u

/** The pods of a namespace that have a container to follow. */
export const runningPods = async (
  connection: Connection,
  namespace: string,
): Promise<{ readonly ok: true; readonly pods: readonly string[] } | Failure> => {
  const listed = await listKind(connection, pods, { namespace })
  if (!listed.ok) return listed
  const started = listed.objects.filter((pod) => groupsAt(pod, 'status', 'containerStatuses').length > 0)
  return { ok: true, pods: started.map(({ metadata }) => metadata.name) }
}

/** One line and when it was written, as the API server tells it. */
export type TimedLine = { readonly time: string; readonly line: string }

/** Lines of one pod with their times: the last ones, or those since a time. */
export const podLog = async (
  connection: Connection,
  {
    namespace,
    pod,
    tail,
    since,
  }: { readonly namespace: string; readonly pod: string; readonly tail?: number; readonly since?: string },
): Promise<{ readonly ok: true; readonly lines: readonly TimedLine[] } | Failure> => {
  const query = new URLSearchParams({
    timestamps: 'true',
    ...(tail === undefined ? {} : { tailLines: String(tail) }),
    ...(since === undefined ? {} : { sinceTime: since }),
  })
  const answer = await connection.call({
    method: 'GET',
    path: `${pathOfKind(pods, namespace)}/${pod}/log?${query.toString()}`,
  })
  if ('ok' in answer) return answer
  if (answer.status !== 200) return failure('failed', `the log of ${pod} cannot be read`)
  const lines = linesOf(answer.body).map((text) => ({
    time: text.slice(0, text.indexOf(' ')),
    line: text.slice(text.indexOf(' ') + 1),
  }))
  return { ok: true, lines }
}
