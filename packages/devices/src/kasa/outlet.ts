import { refused, type Result } from '../switch.ts'

/** Says how many there are: people count from 1, and this from 0. */
export const noOutlet = (name: string, child: string, count: number): Result<never> =>
  refused(
    count === 0
      ? `${name} has no outlets of its own: remove its "child"`
      : `${name} has no outlet "${child}": set "child" to 0 to ${count - 1}, or to an outlet's name in the app`,
    'outlet',
  )
