import type { Seen } from '@homeslice/release'

/** How old what the keeper saw may be before it is told as old, in milliseconds. */
const freshMilliseconds = 180_000

/** What the keeper saw, in a line of `status`; none where there is no keeper, or it has not looked yet. */
export const keeperWords = (seen: Seen | undefined, now: Date): string[] => {
  if (seen === undefined) return []
  if (now.getTime() - Date.parse(seen.time) > freshMilliseconds) return [`  keeper has not looked since ${seen.time}`]
  const more = seen.count === 0 ? '' : '; what, by whom and when: homeslice status --drift'
  return [`  drift: ${seen.count}, seen at ${seen.time}${more}`]
}
