import { addAbortListener } from 'node:events'
import { type Result, silent, type Switch } from './switch.ts'

/** A switch whose calls wait for each other, so that it can also be toggled without another call coming between. */
export type QueuedSwitch = Switch & {
  /** Off where it is on, else on; gives the new state. */
  readonly toggle: (deadline: AbortSignal) => Promise<Result<boolean>>
}

/** The turn of calls to one device; several switches share it where they are outlets of one. */
export type Lane = { last: Promise<unknown>; changes: number }

/** A lane in which nothing waits. */
export const createLane = (): Lane => ({ last: Promise.resolve(), changes: 0 })

/**
 * One call at a time per device, since devices choke on more; equal reads that wait or run are answered by one.
 * A call whose deadline passes while it waits is answered then, and never reaches the device.
 */
export const queued = (device: Switch, name: string, lane: Lane = createLane()): QueuedSwitch => {
  let reading: { readonly work: Promise<Result<boolean>>; readonly after: number } | undefined

  const inTurn = (call: () => Promise<Result<boolean>>, deadline: AbortSignal): Promise<Result<boolean>> => {
    const turn = lane.last.then(() => (deadline.aborted ? late(name) : call()))
    // A bug in one call must not stop the calls behind it.
    lane.last = turn.catch(() => undefined)
    return before(deadline, turn, name)
  }
  const change = (call: () => Promise<Result<boolean>>, deadline: AbortSignal): Promise<Result<boolean>> => {
    // A read that comes after this must see what this does.
    lane.changes += 1
    return inTurn(call, deadline)
  }
  const startReading = (deadline: AbortSignal): Promise<Result<boolean>> => {
    const work = inTurn(() => device.read(deadline), deadline).finally(() => {
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

const late = (name: string): Result<never> =>
  silent(`${name} did not answer in time to the commands before this one; is it plugged in and on the network?`)

/** The result, or silence when the deadline passes first. A call that runs then ends too, and knows better why. */
const before = <Value>(deadline: AbortSignal, work: Promise<Result<Value>>, name: string): Promise<Result<Value>> =>
  new Promise((resolve, reject) => {
    const waiting = addAbortListener(deadline, () => setImmediate(() => resolve(late(name))))
    work.finally(() => waiting[Symbol.dispose]()).then(resolve, reject)
  })
