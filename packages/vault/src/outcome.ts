/** An expected failure in words: what happened, what to do, and where, when a file caused it. Never a value. */
export type Failure = {
  readonly ok: false
  readonly message: string
  readonly fix: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** A failure: what happened, and what to do. */
export const failure = (
  message: string,
  fix: string,
  place: { readonly file?: string; readonly line?: number; readonly column?: number } = {},
): Failure => ({
  ok: false,
  message,
  fix,
  ...place,
})

/** The system's code for what went wrong with a file; nothing for errors of another kind, whose words may quote a value. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''
