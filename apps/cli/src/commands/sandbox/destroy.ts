import { destroy as destroySandbox } from '@homeslice/sandbox'
import { confirm } from '../../ask.ts'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { withProgress } from '../../work.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox destroy`: asks, then deletes the cluster with every volume in it. */
export const destroy = async (context: Context, flags: SandboxFlags & { readonly yes: boolean }): Promise<Outcome> => {
  const { name } = flags
  const answer = flags.yes ? 'yes' : await confirm(context, `Delete the sandbox ${name} with every volume in it?`)
  if (answer === 'nobody') {
    const error = { message: 'nobody is here to be asked', fix: `to delete it without a question, add --yes` }
    return failed(3, error, { name, destroyed: false })
  }
  if (answer === 'no') return { exit: 3, document: { name, destroyed: false }, text: 'nothing was deleted' }
  return withProgress(context, flags, async (report) => {
    report({ task: 'deleting', state: 'start' })
    const destroyed = await destroySandbox({ name })
    report({ task: 'deleting', state: destroyed.ok ? 'done' : 'failed' })
    if (!destroyed.ok) return failed(1, destroyed, { name, destroyed: false })
    return { exit: 0, document: { name, destroyed: true }, text: `the sandbox ${name} is gone` }
  })
}
