import { existsSync } from 'node:fs'
import type { Home } from '@homeslice/config'
import type { Connection, Failure as ClusterFailure } from '@homeslice/cluster'
import { foldersFrom, kubeconfigPath } from '@homeslice/sandbox'
import type { Context } from './context.ts'
import type { ExitCode, Failure } from './outcome.ts'

/** The one sandbox that homes without a cluster of their own run in. */
export const sandboxName = 'default'

/** The cluster of a home, and how it is reached. */
export type Reached = {
  readonly ok: true
  readonly connection: Connection
  readonly kind: 'sandbox' | 'context'
  readonly name: string
}

/** Why it cannot be reached, and the exit code that says so. */
export type NotReached = { readonly ok: false; readonly exit: ExitCode; readonly error: Failure }

const exits: Readonly<Record<ClusterFailure['kind'], ExitCode>> = {
  unreachable: 4,
  failed: 1,
  refused: 3,
  interrupted: 130,
}

/** The exit code of what went wrong in a cluster. */
export const exitOf = ({ kind }: ClusterFailure): ExitCode => exits[kind]

/** Connects to the cluster that a home names, or to the sandbox, which must run. */
export const reach = async (
  { signal }: Context,
  { cluster }: { readonly cluster: Pick<Home['cluster'], 'context'> },
): Promise<Reached | NotReached> => {
  const { connect } = await import('@homeslice/cluster')
  if (cluster.context !== undefined) {
    const connected = await connect({ context: cluster.context, signal })
    if (!connected.ok) return { ok: false, exit: exitOf(connected), error: connected }
    return { ok: true, connection: connected.connection, kind: 'context', name: cluster.context }
  }
  const kubeconfig = kubeconfigPath({ name: sandboxName, folders: foldersFrom(process.env) })
  const start = 'bring it up: homeslice up (or only the cluster: homeslice sandbox start)'
  if (!existsSync(kubeconfig)) {
    return { ok: false, exit: 4, error: { message: 'the sandbox was never started', fix: start } }
  }
  const connected = await connect({ kubeconfig, signal })
  if (!connected.ok) {
    const error =
      connected.kind === 'unreachable'
        ? { message: `the sandbox does not run: ${connected.message}`, fix: start }
        : connected
    return { ok: false, exit: exitOf(connected), error }
  }
  return { ok: true, connection: connected.connection, kind: 'sandbox', name: `sandbox ${sandboxName}` }
}
