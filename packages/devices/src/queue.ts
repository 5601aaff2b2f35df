import { type Result, silent, type Switch } from './switch.ts'

/**
 * One call at a time per device, since devices choke on more; equal reads that wait or run are answered by one.
 * A call whose deadline passes while it waits is answered then, and never reaches the device.
 */
export const queued = (device: Switch, name: string): Switch => {
  let last: Promise<unknown> = Promise.resolve()
  let reading: Promise<Result<boolean>> | undefined

  const inTurn = (call: () => Promise<Result<boolean>>, deadline: AbortSignal): Promise<Result<boolean>> => {
    const turn = last.then(() => (deadline.aborted ? late(name) : call()))
    last = turn
    return before(deadline, turn, name)
  }
  return {
    set: (on, deadline) => {
      // A read that comes after this must see what this does.
      reading = undefined
      return inTurn(() => device.set(on, deadline), deadline)
    },
    read: (deadline) => {
      if (reading !== undefined) return before(deadline, reading, name)
      const mine = inTurn(() => device.read(deadline), deadline).finally(() => {
        if (reading === mine) reading = undefined
      })
      reading = mine
      return mine
    },
  }
}

const late = (name: string): Result<never> =>
  silent(`${name} did not answer in time; is it plugged in and on the network?`)

/** The result, or silence when the deadline passes first. */
const before = <Value>(deadline: AbortSignal, work: Promise<Result<Value>>, name: string): Promise<Result<Value>> =>
  new Promise((resolve) => {
    const give = (): void => resolve(late(name))
    if (deadline.aborted) return give()
    deadline.addEventListener('abort', give, { once: true })
    void work.then((result) => {
      deadline.removeEventListener('abort', give)
      resolve(result)
    })
  })
