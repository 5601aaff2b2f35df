/** What stands in the way, one word for each failure that a person can do something about; the reason says what. */
export type Trouble =
  /** The system knows no address by this name. */
  | 'unknown-name'
  /** Nothing answers at the address: no power, no network, or another address by now. */
  | 'unreachable'
  /** Something is there and refuses connections on every port that the device uses. */
  | 'closed'
  /** What answers is no such device: the address belongs to another by now, or its firmware speaks otherwise. */
  | 'stranger'
  /** Its app has a setting for local control, which is off. */
  | 'local-control-off'
  /** It speaks a protocol that Homeslice does not. */
  | 'protocol'
  /** It wants the account that it was set up with, or another than the one it was given. */
  | 'account'
  /** It has no such outlet. */
  | 'outlet'
  /** It understood, and said no. */
  | 'said-no'
  /** It hung up in the middle. */
  | 'broke-off'
  /** It answered what no such device says. */
  | 'nonsense'

/**
 * What a device did. `refused`: it said no, closed the door or spoke nonsense; `silent`: no answer in time.
 * The reason is one sentence for the person who runs the house.
 */
export type Result<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly kind: 'refused' | 'silent'; readonly reason: string; readonly trouble?: Trouble }

/** A device that is on or off. Each call ends by the time its signal does. */
export type Switch = {
  readonly set: (on: boolean, deadline: AbortSignal) => Promise<Result<boolean>>
  readonly read: (deadline: AbortSignal) => Promise<Result<boolean>>
}

const failure = (kind: 'refused' | 'silent', reason: string, trouble: Trouble | undefined): Result<never> => ({
  ok: false,
  kind,
  reason,
  ...(trouble === undefined ? {} : { trouble }),
})

/** It said no, closed the door or spoke nonsense. */
export const refused = (reason: string, trouble?: Trouble): Result<never> => failure('refused', reason, trouble)

/** No answer in time. */
export const silent = (reason: string, trouble?: Trouble): Result<never> => failure('silent', reason, trouble)

/** A result of the value found in a good one. */
export const mapResult = <From, To>(result: Result<From>, map: (value: From) => Result<To>): Result<To> =>
  result.ok ? map(result.value) : result
