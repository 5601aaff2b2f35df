import { existsSync } from 'node:fs'
import { kubeconfigPath } from '@homeslice/sandbox'
import type { Context } from '../../context.ts'
import { failed, type Outcome } from '../../outcome.ts'
import type { SandboxFlags } from './start.ts'

/** `homeslice sandbox kubeconfig`: prints the path alone, for `export KUBECONFIG="$(…)"`. */
export const kubeconfig = async (_context: Context, { name }: SandboxFlags): Promise<Outcome> => {
  const path = kubeconfigPath({ name })
  if (!existsSync(path)) {
    return failed(
      4,
      { message: `the sandbox ${name} was never started`, fix: 'run: homeslice sandbox start' },
      { name },
    )
  }
  return { exit: 0, document: { name, kubeconfig: path }, text: path }
}
