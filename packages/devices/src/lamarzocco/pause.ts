import { refused, type Result } from '../switch.ts'

/** Keeps from asking again one who said "not now"; each time it says so, for twice as long. */
export type Pause = {
  /** Why nothing may be asked now; nothing where it may. */
  readonly reason: () => Result<never> | undefined
  /** It said "not now", perhaps for how many seconds. Gives the reason with what happens next. */
  readonly begin: (why: string, seconds?: number) => Result<never>
  /** It answered as it should: the next time counts as the first. */
  readonly over: () => void
}

const firstSeconds = 5
/** A person who presses a button should not meet a silence that the cloud has long ended. */
const mostSeconds = 60

/** A pause by this clock (milliseconds). */
export const createPause = (now: () => number): Pause => {
  let until = 0
  let times = 0
  let why = ''
  const words = (): Result<never> => {
    const seconds = Math.max(1, Math.ceil((until - now()) / 1000))
    return refused(`${why}; it is asked again in ${seconds} s`)
  }
  return {
    reason: () => (now() < until ? words() : undefined),
    begin: (said, seconds = 0) => {
      const wanted = Math.max(seconds, firstSeconds * 2 ** times)
      times += 1
      until = now() + Math.min(wanted, mostSeconds) * 1000
      why = said
      return words()
    },
    over: () => {
      times = 0
      until = 0
    },
  }
}
