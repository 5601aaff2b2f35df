import type { CommandContext } from '@stricli/core'

/** What a command may touch of the world around it; tests hand in their own. */
export type Context = CommandContext & {
  readonly process: Streams
  readonly stdin: NodeJS.ReadStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The checkout that this command was built from; absent in a released command. */
  readonly checkout: string | undefined
  /** Aborted by Ctrl-C: long work stops where it is and says what is done. */
  readonly signal: AbortSignal
}

/** The streams and the exit code that the shell will see. */
export type Streams = {
  readonly stdout: Stream
  readonly stderr: Stream
  exitCode?: number | string | null
}

/** A place to write text for a person or a pipe. */
export type Stream = {
  readonly write: (text: string) => void
  readonly isTTY?: boolean
  readonly columns?: number
}
