import type { Fault, Simulator } from './fault.ts'
import { type Device, deviceId, isOn } from './kasa/device.ts'
import { iotAnswer } from './kasa/iot.ts'
import { klapDoor } from './kasa/klap.ts'
import { legacyDoor } from './kasa/legacy.ts'
import type { KasaOptions } from './kasa/options.ts'
import { smartAnswer } from './kasa/smart.ts'

export type { KasaOptions, Klap } from './kasa/options.ts'

/** A simulated Kasa device, and what each of its outlets is. */
export type KasaSimulator = Simulator & {
  /** One for a plug. */
  readonly outlets: () => readonly boolean[]
  /** How often someone has logged in by KLAP. */
  readonly logins: () => number
}

/** The outlets of a strip that has this one: as many as its place asks for, or the one of that name. */
const outletsWith = (child: string | undefined): readonly string[] => {
  if (child === undefined) return []
  const place = /^\d$/u.test(child) ? Number(child) : undefined
  return place === undefined ? [child] : Array.from({ length: place + 1 }, (_, index) => `outlet ${index}`)
}

/** A Kasa plug, or a strip of outlets, with the legacy protocol or KLAP. */
export const startKasa = async (options: KasaOptions): Promise<KasaSimulator> => {
  const { name, host, child, children = outletsWith(child), klap, port = klap === undefined ? 9999 : 80 } = options
  let fault: Fault = 'none'
  let calls = 0
  let logins = 0
  const isStrip = children.length > 0
  const device: Device = {
    name,
    isStrip,
    outlets: (isStrip ? children : [name]).map((alias, index) => ({
      alias,
      id: `${deviceId}${String(index).padStart(2, '0')}`,
      on: false,
    })),
    fault: () => fault,
  }
  const speech = klap?.speech === 'smart' ? smartAnswer : iotAnswer
  const speaker = {
    fault: () => fault,
    answer: (message: string): string => JSON.stringify(speech(device, JSON.parse(message) as unknown)),
    onCall: () => {
      calls += 1
    },
    onLogin: () => {
      logins += 1
    },
  }
  const door = klap === undefined ? legacyDoor(host, speaker) : klapDoor(host, klap, speaker)
  const isShut = (): boolean => fault === 'refuse' || (fault === 'forbidden' && klap === undefined)
  await door.open(port)
  return {
    state: () => ({ kind: 'kasa', name, on: isOn(device), port, fault, calls }),
    outlets: () => device.outlets.map(({ on }) => on),
    logins: () => logins,
    setOn: (next) => {
      for (const outlet of device.outlets) outlet.on = next
    },
    setFault: async (next) => {
      fault = next
      await (isShut() ? door.shut() : door.open(port))
    },
    stop: door.shut,
  }
}
