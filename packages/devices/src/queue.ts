import { before, inTurn, type Turns } from './line.ts'
import type { Result, Switch } from './switch.ts'

/** A switch whose calls wait for each other, so that it can also be toggled without another call coming between. */
export type QueuedSwitch = Switch & {
  /** Off where it is on, else on; gives the new state. */
  readonly toggle: (deadline: AbortSignal) => Promise<Result<boolean>>
}

/** The turn of calls to one device; several switches share it where they are outlets of one. */
export type Lane = Turns & { changes: number }

/** A lane in which nothing waits. */
export const createLane = (): Lane => ({ last: Promise.resolve(), changes: 0 })

/**
 * One call at a time per device, since devices choke on more; equal reads that wait or run are answered by one.
 * A call whose deadline passes while it waits is answered then, and never reaches the device.
 */
export const queued = (device: Switch, name: string, lane: Lane = createLane()): QueuedSwitch => {
  let reading: { readonly work: Promise<Result<boolean>>; readonly after: number } | undefined

  const change = (call: () => Promise<Result<boolean>>, deadline: AbortSignal): Promise<Result<boolean>> => {
    // A read that comes after this must see what this does.
    lane.changes += 1
    return inTurn(lane, call, { deadline, name })
  }
  const startReading = (deadline: AbortSignal): Promise<Result<boolean>> => {
    const work = inTurn(lane, () => device.read(deadline), { deadline, name }).finally(() => {
      if (reading?.work === work) reading = undefined
    })
    reading = { work, after: lane.changes }
    return work
  }
  /** A read that waits or runs, and sees all that was asked for until now. */
  const fresh = (): Promise<Result<boolean>> | undefined => (reading?.after === lane.changes ? reading.work : undefined)
  return {
    set: (on, deadline) => change(() => device.set(on, deadline), deadline),
    toggle: (deadline) =>
      change(async () => {
        const state = await device.read(deadline)
        return state.ok ? device.set(!state.value, deadline) : state
      }, deadline),
    read: async (deadline) => {
      const running = fresh()
      if (running === undefined) return startReading(deadline)
      const joined = await before(deadline, running, name)
      // The read that this one joined had less time left.
      const ranOut = !joined.ok && joined.kind === 'silent' && !deadline.aborted
      return ranOut ? (fresh() ?? startReading(deadline)) : joined
    },
  }
}
