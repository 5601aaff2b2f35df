import { randomBytes, randomInt } from 'node:crypto'

/** Who a bridge is to HomeKit. A pairing belongs to it, so both live and die together on the volume. */
export type Identity = { readonly username: string; readonly pin: string; readonly setupID: string }

/** Codes that HomeKit refuses, being too easy. */
const easy = /^(\d)\1{7}$|^12345678$|^87654321$/u

/** A new one, unlike any other: nobody can guess the code of a bridge that is not paired yet. */
export const newIdentity = (): Identity => ({ username: newUsername(), pin: newPin(), setupID: newSetupId() })

/** Like a network address that is nobody's: local, and for one. */
const newUsername = (): string => {
  const bytes = randomBytes(6)
  bytes.writeUInt8((bytes.readUInt8(0) & 0xfc) | 0x02, 0)
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
}

const newPin = (): string => {
  const digits = String(randomInt(100_000_000)).padStart(8, '0')
  return easy.test(digits) ? newPin() : `${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}`
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

const newSetupId = (): string => Array.from({ length: 4 }, () => letters.charAt(randomInt(letters.length))).join('')
