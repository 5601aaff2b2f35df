import { refused, type Result } from '../switch.ts'
import { at, type Group, groupsOf } from './json.ts'
import { noOutlet } from './outlet.ts'

/** Asks a device for all that it knows of itself. */
export const askState = { system: { get_sysinfo: {} } }

/** One message for plugs and bulbs alike: each answers its half and says that the other is not for it. */
export const askSet = (on: boolean, childId: string | undefined): object => ({
  ...(childId === undefined ? {} : { context: { child_ids: [childId] } }),
  system: { set_relay_state: { state: on ? 1 : 0 } },
  'smartlife.iot.smartbulb.lightingservice': { transition_light_state: { on_off: on ? 1 : 0 } },
})

/** "module not support" and "member not support": this half is not for that device. */
const notForMe = new Set([-1, -2])

/** Whether a set worked: at least one half with 0, and no error but "not for me". */
export const setOutcome = (name: string, answer: unknown): Result<true> => {
  const bulb = at(answer, 'smartlife.iot.smartbulb.lightingservice')
  const codes = [
    at(answer, 'system', 'set_relay_state', 'err_code') ?? at(answer, 'system', 'err_code'),
    at(bulb, 'transition_light_state', 'err_code') ?? at(bulb, 'err_code'),
  ].filter((code) => typeof code === 'number')
  const wrong = codes.find((code) => code !== 0 && !notForMe.has(code))
  if (wrong !== undefined) return refused(`${name} refused with error ${wrong}`, 'said-no')
  return codes.includes(0)
    ? { ok: true, value: true }
    : refused(`${name} answered, but did not say that it switched`, 'nonsense')
}

/** Whether the device, or one outlet of it, is on. */
export const stateOf = (name: string, answer: unknown, child: string | undefined): Result<boolean> => {
  const info = at(answer, 'system', 'get_sysinfo')
  if (child !== undefined) {
    const outlet = outletOf(info, child)
    return outlet === undefined ? noOutlet(name, child, outletsOf(info).length) : onOff(name, outlet.state)
  }
  const outlets = outletsOf(info)
  const state =
    at(info, 'relay_state') ??
    at(info, 'light_state', 'on_off') ??
    (outlets.length > 0 ? Number(outlets.some((outlet) => outlet.state === 1)) : undefined)
  return onOff(name, state)
}

const onOff = (name: string, state: unknown): Result<boolean> =>
  typeof state === 'number'
    ? { ok: true, value: state === 1 }
    : refused(`${name} answered without saying whether it is on`, 'nonsense')

/** The id by which one outlet is addressed: outlets are named by their place, their alias or their id. */
export const childIdOf = (name: string, answer: unknown, child: string): Result<string> => {
  const info = at(answer, 'system', 'get_sysinfo')
  const outlet = outletOf(info, child)
  if (typeof outlet?.id !== 'string') return noOutlet(name, child, outletsOf(info).length)
  const device = at(info, 'deviceId')
  // Some firmware tells whole ids, some only the last two digits.
  return { ok: true, value: outlet.id.length <= 2 && typeof device === 'string' ? device + outlet.id : outlet.id }
}

const outletsOf = (info: unknown): readonly Group[] => groupsOf(at(info, 'children'))

const outletOf = (info: unknown, child: string): Group | undefined =>
  outletsOf(info).find(({ id, alias }, index) => id === child || alias === child || String(index) === child)
