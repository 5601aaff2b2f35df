import { mapResult, type Result, type Switch } from '../switch.ts'
import { exchange, type KasaPlace } from './exchange.ts'
import { askSet, askState, childIdOf, setOutcome, stateOf } from './messages.ts'

/** A Kasa plug, bulb or one outlet of a strip, by the legacy protocol on port 9999. */
export const kasaSwitch = (place: KasaPlace & { readonly child?: string }): Switch => {
  const { name, child } = place
  const childId = async (deadline: AbortSignal): Promise<Result<string | undefined>> =>
    child === undefined
      ? { ok: true, value: undefined }
      : mapResult(await exchange(place, askState, deadline), (answer) => childIdOf(name, answer, child))
  return {
    set: async (on, deadline) => {
      const id = await childId(deadline)
      if (!id.ok) return id
      const answer = await exchange(place, askSet(on, id.value), deadline)
      return mapResult(
        mapResult(answer, (value) => setOutcome(name, value)),
        () => ({ ok: true, value: on }),
      )
    },
    read: async (deadline) =>
      mapResult(await exchange(place, askState, deadline), (answer) => stateOf(name, answer, child)),
  }
}
