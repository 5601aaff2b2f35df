import { setTimeout as pause } from 'node:timers/promises'
import { failure, type Failure } from '../outcome.ts'
import type { Trouble } from './trouble.ts'

/** How patient we are: the pauses between tries in milliseconds, and what ends all of it. */
export type Patience = { readonly pauses: readonly number[]; readonly signal: AbortSignal }

/** The longest that a registry may make us wait between two tries, in milliseconds. */
const longestPause = 60_000

/** Tries until it goes well, cannot go well, or patience ends. */
export const persist = async <Done extends { readonly ok: true }>(
  attempt: () => Promise<Done | Trouble>,
  { pauses, signal }: Patience,
): Promise<Done | Failure> => {
  for (let tries = 1; ; tries += 1) {
    const tried = await attempt()
    if (tried.ok) return tried
    if (signal.aborted) return failure('interrupted', 'run it again: what has arrived is not sent twice')
    const wait = pauses[tries - 1]
    if (!tried.again) return failure(tried.message, tried.fix)
    if (wait === undefined) return failure(`${tried.message}, ${tries} times`, tried.fix)
    await pause(Math.min(longestPause, Math.max(wait, tried.after ?? 0)), undefined, { signal }).catch(() => undefined)
  }
}
