import type { RequestOptions } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { failure, type Failure } from './failure.ts'
import { textAt } from './json.ts'
import { type Answer, type Call, createTransport, type Identify, patient } from './http.ts'

/** A way to an API server that has answered. */
export type Connection = {
  readonly server: string
  /** Such as `v1.36.3`. */
  readonly version: string
  /** A call whose failure to be answered is a failure in words; statuses are left to the caller. */
  readonly call: (call: Call) => Promise<Exclude<Answer, { error: unknown }> | Failure>
  /** Where to look where the whole cluster may not be looked through. Absent: nowhere. */
  readonly places?: Places
}

/** The namespaces of a home, asked for only when they are needed. */
export type Places = {
  readonly namespaces: () => Promise<{ readonly ok: true; readonly names: readonly string[] } | Failure>
  /** Kinds, by plural, that may not be listed across the whole cluster: each is asked for once. */
  readonly closed: Set<string>
}

/** Which cluster: a kubeconfig file (default: as kubectl finds it) and one of its contexts (default: the current one). */
export type Which = { readonly kubeconfig?: string; readonly context?: string; readonly signal?: AbortSignal }

const oldestMinor = 30

/** Connects, and makes sure that the server is there, lets us in and is new enough. */
export const connect = async ({
  kubeconfig,
  context,
  signal,
}: Which): Promise<{ readonly ok: true; readonly connection: Connection } | Failure> => {
  const { KubeConfig } = await import('./kubeconfig.ts')
  const config = new KubeConfig()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    return failure(
      'unreachable',
      `the kubeconfig cannot be read: ${reasonOf(error)}`,
      'look at the file, and at KUBECONFIG',
    )
  }
  // The client makes up a context where there is no kubeconfig at all.
  if (config.getCurrentContext() === 'loaded-context') {
    return failure(
      'unreachable',
      'there is no kubeconfig on this machine',
      'copy it from the cluster to ~/.kube/config, or say where it is in KUBECONFIG',
    )
  }
  if (context !== undefined) {
    const names = config.getContexts().map(({ name }) => name)
    if (!names.includes(context)) {
      return failure(
        'unreachable',
        `the kubeconfig has no context "${context}"`,
        names.length > 0 ? `it has: ${names.join(', ')}` : 'it has none',
      )
    }
    config.setCurrentContext(context)
  }
  const cluster = config.getCurrentCluster()
  if (cluster === null)
    return failure('unreachable', 'the kubeconfig names no cluster', 'set cluster.context in the home file')
  const identify = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {}
    await within(credentialSeconds, config.applyToHTTPSOptions(options))
    return options
  }
  return connectTo(cluster.server, identify, signal)
}

/** Connects to a server under an identity, which is asked for again at each call. */
export const connectTo = (
  server: string,
  identify: Identify,
  signal: AbortSignal | undefined,
): Promise<{ readonly ok: true; readonly connection: Connection } | Failure> => {
  const transport = patient(createTransport(server, identify))
  const call: Connection['call'] = async (one) => {
    try {
      const answer = await transport({ ...(signal ? { signal } : {}), ...one })
      return 'error' in answer ? noAnswer(server, answer.error, signal) : answer
    } catch (error) {
      return failure('unreachable', `no credentials for ${server}: ${reasonOf(error)}`, 'sign in to the cluster again')
    }
  }
  return checkServer({ server, call })
}

/** A program that signs people in may open a browser; one that hangs must not hang us. */
const credentialSeconds = 60

const within = async (seconds: number, work: Promise<void>): Promise<void> => {
  const over = new AbortController()
  const late = sleep(seconds * 1000, 'late' as const, { signal: over.signal, ref: false }).catch(() => 'late' as const)
  const first = await Promise.race([work, late])
  over.abort()
  if (first === 'late') throw new Error(`the program that the kubeconfig names said nothing within ${seconds} s`)
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''

const checkServer = async (
  base: Omit<Connection, 'version'>,
): Promise<{ readonly ok: true; readonly connection: Connection } | Failure> => {
  const answer = await base.call({ method: 'GET', path: '/version', timeoutSeconds: 10 })
  if ('ok' in answer) return answer
  if (answer.status === 401) {
    return failure(
      'unreachable',
      `${base.server} does not know who you are`,
      'sign in again, or look at the user of that context',
    )
  }
  if (answer.status === 403) {
    return failure(
      'unreachable',
      `${base.server} lets you do nothing: ${textAt(answer.body, 'message')}`,
      'look at the user of that context, and at its rights',
    )
  }
  const body: unknown = answer.body
  const version = typeof body === 'object' && body !== null && 'gitVersion' in body ? String(body.gitVersion) : ''
  const minor = Number(/^v1\.(\d+)/u.exec(version)?.[1])
  if (answer.status !== 200 || Number.isNaN(minor)) {
    return failure(
      'unreachable',
      `${base.server} answered ${answer.status}, which is no Kubernetes`,
      'look at the address in the kubeconfig',
    )
  }
  if (minor < oldestMinor) {
    return failure(
      'refused',
      `the cluster runs Kubernetes ${version}; Homeslice needs 1.${oldestMinor} or newer`,
      'upgrade the cluster first',
    )
  }
  return { ok: true, connection: { ...base, version } }
}

const noAnswer = (server: string, error: NodeJS.ErrnoException, signal: AbortSignal | undefined): Failure => {
  if (signal?.aborted === true) return failure('interrupted', 'interrupted')
  const code = error.code ?? error.name
  if (/CERT|SELF_SIGNED|UNABLE_TO/u.test(code)) {
    return failure(
      'unreachable',
      `${server} shows a certificate that the kubeconfig does not trust (${code})`,
      'take the kubeconfig from the cluster again',
    )
  }
  if (code === 'ECONNREFUSED') return failure('unreachable', `nothing answers at ${server}`, 'is the cluster running?')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return failure('unreachable', `the name in ${server} is not known`, 'look at the address in the kubeconfig')
  return failure(
    'unreachable',
    `${server} does not answer: ${error.message}`,
    'is the cluster running, and is this machine on its network?',
  )
}
