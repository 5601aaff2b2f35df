/**
 * Why the cluster did not do it. `unreachable`: no answer or no way in at all; `refused`: a guard of ours;
 * `interrupted`: the caller aborted.
 */
export type Failure = {
  readonly ok: false
  readonly kind: 'unreachable' | 'failed' | 'refused' | 'interrupted'
  readonly message: string
  readonly fix?: string
  /** The server knows who asks, and that one may not. */
  readonly forbidden?: true
}

/** A failure in words. */
export const failure = (kind: Failure['kind'], message: string, fix?: string): Failure => ({
  ok: false,
  kind,
  message,
  ...(fix === undefined ? {} : { fix }),
})

/** Every one of several results, or the first failure among them. */
export const allOf = <Good extends { readonly ok: true }>(
  results: readonly (Good | Failure)[],
): { readonly ok: true; readonly all: readonly Good[] } | Failure => {
  const all: Good[] = []
  for (const one of results) {
    if (!one.ok) return one
    all.push(one)
  }
  return { ok: true, all }
}

/** Receives the steps of long work as they happen. */
export type Report = (event: {
  readonly task: string
  readonly state: 'start' | 'progress' | 'done' | 'failed'
  readonly detail?: string
}) => void
