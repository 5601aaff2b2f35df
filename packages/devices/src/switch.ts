/**
 * What a device did. `refused`: it said no, closed the door or spoke nonsense; `silent`: no answer in time.
 * The reason is one sentence for the person who runs the house.
 */
export type Result<Value = unknown> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly kind: 'refused' | 'silent'; readonly reason: string }

/** A device that is on or off. Each call ends by the time its signal does. */
export type Switch = {
  readonly set: (on: boolean, deadline: AbortSignal) => Promise<Result<boolean>>
  readonly read: (deadline: AbortSignal) => Promise<Result<boolean>>
}

/** It said no, closed the door or spoke nonsense. */
export const refused = (reason: string): Result<never> => ({ ok: false, kind: 'refused', reason })

/** No answer in time. */
export const silent = (reason: string): Result<never> => ({ ok: false, kind: 'silent', reason })

/** A result of the value found in a good one. */
export const mapResult = <From, To>(result: Result<From>, map: (value: From) => Result<To>): Result<To> =>
  result.ok ? map(result.value) : result
