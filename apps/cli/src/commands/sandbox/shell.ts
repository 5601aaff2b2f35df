import { shell } from '@homeslice/sandbox'
import type { Context } from '../../context.ts'
import { type ExitCode, failed, type Outcome } from '../../outcome.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox shell`: a shell in the sandbox's namespaces, with its kubectl configured. */
export const openShell = async (_context: Context, { name }: SandboxFlags): Promise<Outcome> => {
  const ended = await shell({ name })
  if (!ended.ok) return failed(4, ended, { name })
  const exit: ExitCode = ended.code === 0 ? 0 : 1
  return { exit, document: { name, code: ended.code }, text: '' }
}
