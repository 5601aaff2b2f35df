import { mapResult, refused, type Result } from '../switch.ts'
import { at, type Group, groupsOf } from './json.ts'
import { noOutlet } from './outlet.ts'
import type { Ask } from './place.ts'
import { otherSpeech, type Speech } from './speech.ts'

type Told = Result | typeof otherSpeech

/** The language of Tapo devices, and of Kasa's newer ones: one method, its parameters, and one error code. */
export const smartSpeech = (name: string, child: string | undefined): Speech => {
  const ask = async (wire: Ask, [method, params]: readonly [string, object?], deadline: AbortSignal): Promise<Told> => {
    const answer = await wire({ method, ...(params === undefined ? {} : { params }), ...stamp() }, deadline)
    if (!answer.ok) return answer
    const code = at(answer.value, 'error_code')
    if (typeof code !== 'number') return otherSpeech
    return code === 0 ? { ok: true, value: at(answer.value, 'result') } : saidNo(name, code)
  }
  const outlet = async (
    wire: Ask,
    which: string,
    deadline: AbortSignal,
  ): Promise<Result<Group> | typeof otherSpeech> => {
    const list = await ask(wire, ['get_child_device_list', { start_index: 0 }], deadline)
    return list === otherSpeech ? list : mapResult(list, (value) => outletOf(name, value, which))
  }
  /** Ids stay: asked for once, and again after a failure, since another device may have come to the address. */
  let known: unknown
  const idOf = async (wire: Ask, which: string, deadline: AbortSignal): Promise<Told> => {
    if (known !== undefined) return { ok: true, value: known }
    const found = await outlet(wire, which, deadline)
    if (found === otherSpeech || !found.ok) return found
    known = found.value.device_id
    return { ok: true, value: known }
  }
  const setOutlet = async (wire: Ask, on: boolean, deadline: AbortSignal, which: string): Promise<Told> => {
    const id = await idOf(wire, which, deadline)
    if (id === otherSpeech || !id.ok) return id
    const requests = [{ method: 'set_device_info', params: { device_on: on } }]
    const requestData = { method: 'multipleRequest', params: { requests } }
    const answer = await ask(wire, ['control_child', { device_id: id.value, requestData }], deadline)
    const outcome = answer === otherSpeech ? answer : mapResult(answer, (value) => outletOutcome(name, value))
    if (outcome === otherSpeech || !outcome.ok) known = undefined
    return outcome
  }
  return {
    read: async (wire, deadline) => {
      const info =
        child === undefined ? await ask(wire, ['get_device_info'], deadline) : await outlet(wire, child, deadline)
      return info === otherSpeech ? info : mapResult<unknown, boolean>(info, (value) => stateOf(name, value))
    },
    set: async (wire, on, deadline) => {
      const answer =
        child === undefined
          ? await ask(wire, ['set_device_info', { device_on: on }], deadline)
          : await setOutlet(wire, on, deadline, child)
      return answer === otherSpeech ? answer : mapResult<unknown, boolean>(answer, () => ({ ok: true, value: on }))
    },
  }
}

/** Every client names itself and its time; devices want both there, and look at neither. */
const stamp = () => ({ request_time_milis: Date.now(), terminal_uuid: 'homeslice' })

const saidNo = (name: string, code: unknown): Result<never> =>
  typeof code === 'number'
    ? refused(`${name} refused with error ${code}`, 'said-no')
    : refused(`${name} answered, but did not say that it switched`, 'nonsense')

const stateOf = (name: string, info: unknown): Result<boolean> => {
  const on = at(info, 'device_on')
  return typeof on === 'boolean'
    ? { ok: true, value: on }
    : refused(`${name} does not say whether it is on: where it is a strip, set "child" to one of its outlets`, 'outlet')
}

const outletOf = (name: string, list: unknown, child: string): Result<Group> => {
  const outlets = groupsOf(at(list, 'child_device_list'))
  const found = outlets.find(
    ({ device_id: id, nickname }, index) =>
      id === child || String(index) === child || (typeof nickname === 'string' && plain(nickname) === child),
  )
  return found === undefined ? noOutlet(name, child, outlets.length) : { ok: true, value: found }
}

const plain = (nickname: string): string => Buffer.from(nickname, 'base64').toString('utf8')

const outletOutcome = (name: string, answer: unknown): Result => {
  const [response] = groupsOf(at(answer, 'responseData', 'result', 'responses'))
  return response?.error_code === 0 ? { ok: true, value: response } : saidNo(name, response?.error_code)
}
