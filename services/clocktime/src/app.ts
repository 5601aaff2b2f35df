import { type Handler, text } from '@homeslice/service-kit'

/** Tells the time of day in a zone as `HHMM`, to any request whatever. */
export const createClocktime = (timeZone: string, now: () => Date = () => new Date()): Handler => {
  // `h23`: with `hour12: false` some versions of ICU write midnight as 24.
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' })
  return () => text(format.format(now()).replace(':', ''))
}
