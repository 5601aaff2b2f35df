import { mapResult, type Result } from '../switch.ts'
import { at } from './json.ts'
import { askSet, askState, childIdOf, setOutcome, stateOf } from './messages.ts'
import type { Ask } from './place.ts'
import { otherSpeech, type Speech } from './speech.ts'

/** The language of Kasa's own devices: modules, and methods in them. */
export const iotSpeech = (name: string, child: string | undefined): Speech => {
  /** Ids stay: asked for once, and again after a failure, since another device may have come to the address. */
  let known: string | undefined
  const told = async (ask: Ask, message: object, deadline: AbortSignal): Promise<Result | typeof otherSpeech> => {
    const answer = await ask(message, deadline)
    return answer.ok && isOther(answer.value) ? otherSpeech : answer
  }
  const childId = async (ask: Ask, deadline: AbortSignal): Promise<Result<string | undefined> | typeof otherSpeech> => {
    if (child === undefined || known !== undefined) return { ok: true, value: known }
    const answer = await told(ask, askState, deadline)
    if (answer === otherSpeech) return answer
    const id = mapResult(answer, (value) => childIdOf(name, value, child))
    if (id.ok) known = id.value
    return id
  }
  return {
    read: async (ask, deadline) => {
      const answer = await told(ask, askState, deadline)
      return answer === otherSpeech ? answer : mapResult(answer, (value) => stateOf(name, value, child))
    },
    set: async (ask, on, deadline) => {
      const id = await childId(ask, deadline)
      if (id === otherSpeech || !id.ok) return id
      const answer = await told(ask, askSet(on, id.value), deadline)
      if (answer === otherSpeech) return answer
      const outcome = mapResult(answer, (value) => setOutcome(name, value))
      if (!outcome.ok) known = undefined
      return mapResult<true, boolean>(outcome, () => ({ ok: true, value: on }))
    },
  }
}

/** One error for the whole question, and no module that says anything. */
const isOther = (answer: unknown): boolean =>
  typeof at(answer, 'error_code') === 'number' && at(answer, 'system') === undefined
