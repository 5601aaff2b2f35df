import { foldersFrom, install, start as startSandbox } from '@homeslice/sandbox'
import type { Context } from '../../context.ts'
import { obstacleTo } from '../../hostable.ts'
import { failed, type Outcome } from '../../outcome.ts'
import { withProgress } from '../../work.ts'

/** Which sandbox, and how to answer. */
export type SandboxFlags = { readonly name: string; readonly json: boolean }

/** `homeslice sandbox start`: what is missing is built, then it is started; a running one is left alone. */
export const start = (context: Context, flags: SandboxFlags): Promise<Outcome> =>
  withProgress(context, flags, async (report) => {
    const { name } = flags
    const obstacle = await obstacleTo(name, foldersFrom(process.env))
    if (obstacle !== undefined) return failed(1, obstacle, { name, running: false })
    const installed = await install({ report })
    if (!installed.ok) return failed(1, installed, { name, running: false })
    const started = await startSandbox({ name, report })
    if (!started.ok) return failed(1, started, { name, running: false })
    const { ports } = started.settings
    return {
      exit: 0,
      document: { name, running: true, ports, kubeconfig: started.kubeconfig },
      text: [
        `the sandbox ${name} ${started.began ? 'is up' : 'was up already'}`,
        `  gateway     http://127.0.0.1:${ports.http}/  https://127.0.0.1:${ports.https}/`,
        `  kubeconfig  ${started.kubeconfig}`,
      ].join('\n'),
    }
  })
