import type { Context } from './context.ts'
import type { ExitCode, Failure } from './outcome.ts'

/** Why a verb ends where it asked. */
export type Refusal = { readonly exit: ExitCode; readonly error: Failure }

/** Asks before something that cannot be taken back, unless `yes` was said before. Nothing where it may go on. */
export const consent = async (
  { stdin, process: { stdout } }: Context,
  { yes, message }: { readonly yes: boolean; readonly message: string },
): Promise<Refusal | undefined> => {
  if (yes) return undefined
  if (!stdin.isTTY || stdout.isTTY !== true) {
    return { exit: 3, error: { message: 'nobody is here to be asked', fix: 'to do it without a question, add --yes' } }
  }
  const prompts = await import('@clack/prompts')
  const answer = await prompts.confirm({ message, initialValue: false })
  if (prompts.isCancel(answer)) return { exit: 130, error: { message: 'interrupted; nothing was changed' } }
  return answer ? undefined : { exit: 3, error: { message: 'nothing was changed, as you said' } }
}

/** Text that must not show, from a prompt on a terminal, else all of standard input. Nothing if the person gave up. */
export const readHidden = async ({ stdin }: Context, message: string): Promise<string | undefined> => {
  if (stdin.isTTY) {
    const prompts = await import('@clack/prompts')
    const typed = await prompts.password({ message })
    return prompts.isCancel(typed) ? undefined : typed
  }
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer))
  return Buffer.concat(chunks).toString('utf8')
}
