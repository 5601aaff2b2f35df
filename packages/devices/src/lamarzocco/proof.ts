import { createHash, randomUUID, sign } from 'node:crypto'
import type { InstallationKey } from './key.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64')

/** The cloud's own proof that the caller knows the secret: each byte of the text stirs one of its 32 bytes. */
export const requestProof = (text: string, secret: Buffer): string => {
  const bytes = Buffer.from(secret)
  const at = (index: number): number => bytes[index % 32] ?? 0
  for (const byte of Buffer.from(text)) {
    const turn = at(byte + 1) % 8
    const mixed = byte ^ at(byte)
    bytes[byte % 32] = (mixed << turn) | (mixed >> (8 - turn))
  }
  return sha256(bytes)
}

/** The headers that register a key. */
export const registrationHeaders = ({ id, publicKey, secret }: InstallationKey): Readonly<Record<string, string>> => ({
  'X-App-Installation-Id': id,
  'X-Request-Proof': requestProof(`${id}.${sha256(publicKey)}`, secret),
})

/** The headers of every other call: who asks, when, once, and all of it signed. */
export const signedHeaders = (
  { id, secret, privateKey }: InstallationKey,
  now: number,
  nonce: string = randomUUID(),
): Readonly<Record<string, string>> => {
  const asked = `${id}.${nonce}.${now}`
  const signature = sign('sha256', Buffer.from(`${asked}.${requestProof(asked, secret)}`), privateKey)
  return {
    'X-App-Installation-Id': id,
    'X-Timestamp': String(now),
    'X-Nonce': nonce,
    'X-Request-Signature': signature.toString('base64'),
  }
}
