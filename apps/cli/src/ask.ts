import type { Context } from './context.ts'

/** What a person answered: yes, no, or nothing because nobody could be asked. */
export type Answer = 'yes' | 'no' | 'nobody'

/** Asks before something that cannot be taken back. Without a terminal nobody is asked: the verb then wants `--yes`. */
export const confirm = async ({ stdin, process: { stdout } }: Context, message: string): Promise<Answer> => {
  if (!stdin.isTTY || stdout.isTTY !== true) return 'nobody'
  const prompts = await import('@clack/prompts')
  return (await prompts.confirm({ message, initialValue: false })) === true ? 'yes' : 'no'
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
