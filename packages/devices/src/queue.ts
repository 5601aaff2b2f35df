import { before, createLine } from './line.ts'
import type { Result, Switch } from './switch.ts'

/** A switch whose calls wait for each other, so that it can also be toggled without another call coming between. */
export type QueuedSwitch = Switch & {
  /** Off where it is on, else on; gives the new state. */
  readonly toggle: (deadline: AbortSignal) => Promise<Result<boolean>>
}

/**
 * One call at a time per device, since devices choke on more; equal reads that wait or run are answered by one.
 * A call whose deadline passes while it waits is answered then, and never reaches the device.
 */
export const queued = (device: Switch, name: string): QueuedSwitch => {
  const inTurn = createLine(name)
  let reading: Promise<Result<boolean>> | undefined

  const change = (call: () => Promise<Result<boolean>>, deadline: AbortSignal): Promise<Result<boolean>> => {
    // A read that comes after this must see what this does.
    reading = undefined
    return inTurn(call, deadline)
  }
  const startReading = (deadline: AbortSignal): Promise<Result<boolean>> => {
    const mine = inTurn(() => device.read(deadline), deadline).finally(() => {
      if (reading === mine) reading = undefined
    })
    reading = mine
    return mine
  }
  return {
    set: (on, deadline) => change(() => device.set(on, deadline), deadline),
    toggle: (deadline) =>
      change(async () => {
        const state = await device.read(deadline)
        return state.ok ? device.set(!state.value, deadline) : state
      }, deadline),
    read: async (deadline) => {
      if (reading === undefined) return startReading(deadline)
      const joined = await before(deadline, reading, name)
      // The read that this one joined had less time left.
      const ranOut = !joined.ok && joined.kind === 'silent' && !deadline.aborted
      return ranOut ? (reading ?? startReading(deadline)) : joined
    },
  }
}
