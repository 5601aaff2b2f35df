/** An expected failure in words for people: what happened, and what to do about it. */
export type Failure = { readonly ok: false; readonly message: string; readonly fix: string }

/** Success with its result, or a failure in words. */
export type Outcome<T extends object = object> = ({ readonly ok: true } & T) | Failure

/** A failure: what happened, and what to do. */
export const failure = (message: string, fix: string): Failure => ({ ok: false, message, fix })

/** One step of long work. `task` names the step, the same for all its events. */
export type Progress = {
  readonly task: string
  readonly state: 'start' | 'progress' | 'done' | 'failed'
  readonly detail?: string
}

/** Receives the steps of long work as they happen. */
export type Report = (event: Progress) => void
