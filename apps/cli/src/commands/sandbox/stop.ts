import { stop as stopSandbox } from '@homeslice/sandbox'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { withProgress } from '../../work.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox stop`: everything ends, nothing is lost. */
export const stop = (context: Context, flags: SandboxFlags): Promise<Outcome> =>
  withProgress(context, flags, async (report) => {
    const { name } = flags
    report({ task: 'stopping', state: 'start' })
    const stopped = await stopSandbox({ name })
    report({ task: 'stopping', state: stopped.ok ? 'done' : 'failed' })
    if (!stopped.ok) return failed(1, stopped, { name })
    const text = stopped.stopped
      ? `the sandbox ${name} is stopped; its volumes stay`
      : `the sandbox ${name} does not run`
    return { exit: 0, document: { name, running: false, stopped: stopped.stopped }, text }
  })
