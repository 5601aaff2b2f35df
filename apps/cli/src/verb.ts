import type { Context } from './context.ts'
import { present, type Outcome } from './outcome.ts'

type Verb<Flags, Args extends readonly unknown[]> = (context: Context, flags: Flags, ...args: Args) => Promise<Outcome>

/**
 * Turns a verb into what the command-line library runs: its outcome is printed once and becomes the exit code.
 * A throw is a bug of ours: it shows its stack and asks for a report.
 */
export const command = <Flags extends { readonly json: boolean }, Args extends readonly unknown[]>(
  verb: Verb<Flags, Args>,
) =>
  async function run(this: Context, flags: Flags, ...args: Args): Promise<void> {
    const json = flags.json
    try {
      const outcome = await verb(this, flags, ...args)
      present(this, outcome, json)
      this.process.exitCode = outcome.exit
    } catch (bug) {
      const message = `this is a bug in Homeslice: ${bug instanceof Error ? bug.message : String(bug)}`
      if (json) present(this, { exit: 1, document: {}, text: '', error: { message } }, true)
      this.process.stderr.write(`homeslice: ${message}\n${bug instanceof Error ? bug.stack : ''}\n`)
      this.process.exitCode = 1
    }
  }

/** The same for a verb that prints as it goes and has no document. */
export const quiet = <Flags extends object, Args extends readonly unknown[]>(verb: Verb<Flags, Args>) => {
  const run = command<Flags & { readonly json: boolean }, Args>(verb)
  return function runQuiet(this: Context, flags: Flags, ...args: Args): Promise<void> {
    return run.call(this, { ...flags, json: false }, ...args)
  }
}
