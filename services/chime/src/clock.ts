import { setTimeout as sleep } from 'node:timers/promises'

/** Time, as chimes need it. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Ends after so many milliseconds, or when it is stopped. */
  readonly sleep: (milliseconds: number, stop: AbortSignal) => Promise<void>
}

/** This machine's clock. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
}
