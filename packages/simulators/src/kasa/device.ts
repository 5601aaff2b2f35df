import type { Fault } from '../fault.ts'

/** One thing that a device switches. */
export type Outlet = { readonly alias: string; readonly id: string; on: boolean }

/** What a simulated Kasa device is, whatever it speaks. */
export type Device = {
  readonly name: string
  /** One of a plug, several of a strip. */
  readonly outlets: readonly Outlet[]
  readonly isStrip: boolean
  readonly fault: () => Fault
}

/** What stands behind a door: how it fails, and what it answers to a plain message. */
export type Speaker = {
  readonly fault: () => Fault
  readonly answer: (message: string) => string
  /** Told of every command that arrives. */
  readonly onCall: () => void
  /** Told of every login. */
  readonly onLogin: () => void
}

/** A JSON object. */
export type Group = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object. */
export const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The id that the device has with its maker; outlets add two digits of their own. */
export const deviceId = '8006000000000000000000000000000000000001'

/** Whether anything of it is on. */
export const isOn = ({ outlets }: Device): boolean => outlets.some(({ on }) => on)

/** Switches some outlets, where nothing is stuck. */
export const switchAll = (device: Device, outlets: readonly Outlet[], on: boolean): void => {
  if (device.fault() === 'stuck') return
  for (const outlet of outlets) outlet.on = on
}
