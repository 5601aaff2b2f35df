import { destroy as destroySandbox } from '@homeslice/sandbox'
import { consent } from '../../ask.ts'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { withProgress } from '../../work.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox destroy`: asks, then deletes the cluster with every volume in it. */
export const destroy = async (context: Context, flags: SandboxFlags & { readonly yes: boolean }): Promise<Outcome> => {
  const { name } = flags
  const message = `Delete the sandbox ${name} with every volume in it?`
  const refused = await consent(context, { yes: flags.yes, message })
  if (refused !== undefined) return failed(refused.exit, refused.error, { name, destroyed: false })
  return withProgress(context, flags, async (report) => {
    report({ task: 'deleting', state: 'start' })
    const destroyed = await destroySandbox({ name })
    report({ task: 'deleting', state: destroyed.ok ? 'done' : 'failed' })
    if (!destroyed.ok) return failed(1, destroyed, { name, destroyed: false })
    return { exit: 0, document: { name, destroyed: true }, text: `the sandbox ${name} is gone` }
  })
}
