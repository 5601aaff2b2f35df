import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { derived, type Key, type Seeds } from './account.ts'

/** Hides messages in a session, and reads what comes back. */
export type Cipher = {
  /** A message under the next number, which the address names too. */
  readonly seal: (message: string) => { readonly sequence: number; readonly body: Buffer }
  /** The answer under that number; nothing where it was hidden by another key, or is none. */
  readonly open: (sequence: number, body: Buffer) => string | undefined
}

const algorithm = 'aes-128-cbc'
const signatureLength = 32

/** Numbers are signed ones of 32 bits, and go round. */
const largest = 0x7f_ff_ff_ff
const smallest = -0x80_00_00_00

const bytesOf = (sequence: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(sequence)
  return bytes
}

/** Key, first number and signature all come from the handshake. */
export const createCipher = (seeds: Seeds, key: Key): Cipher => {
  const secret = derived('lsk', seeds, key).subarray(0, 16)
  const vector = derived('iv', seeds, key)
  const signing = derived('ldk', seeds, key).subarray(0, 28)
  let last = vector.readInt32BE(28)
  const vectorOf = (sequence: number): Buffer => Buffer.concat([vector.subarray(0, 12), bytesOf(sequence)])
  return {
    seal: (message) => {
      last = last === largest ? smallest : last + 1
      const cipher = createCipheriv(algorithm, secret, vectorOf(last))
      const hidden = Buffer.concat([cipher.update(message, 'utf8'), cipher.final()])
      const signature = createHash('sha256').update(signing).update(bytesOf(last)).update(hidden).digest()
      return { sequence: last, body: Buffer.concat([signature, hidden]) }
    },
    open: (sequence, body) => {
      try {
        const decipher = createDecipheriv(algorithm, secret, vectorOf(sequence))
        return Buffer.concat([decipher.update(body.subarray(signatureLength)), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}
