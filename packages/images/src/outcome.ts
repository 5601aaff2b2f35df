/** An expected failure in words for people: what happened, and what to do about it. */
export type Failure = { readonly ok: false; readonly message: string; readonly fix: string }

/** A failure: what happened, and what to do. */
export const failure = (message: string, fix: string): Failure => ({ ok: false, message, fix })

/** What a failed call of Node's own said: those throw errors and nothing else. */
export const reasonOf = (error: unknown): string => (error as Error).message

/** Receives the steps of long work as they happen. */
export type Report = (event: {
  readonly task: string
  readonly state: 'start' | 'progress' | 'done' | 'failed'
  readonly detail?: string
}) => void
