import { createECDH, createHash, createPrivateKey, type KeyObject } from 'node:crypto'

/** A P-256 key that everyone can work out from a name: what stands for a secret one where only a simulator reads it. */
export const madeUpKey = (name: string): KeyObject => {
  const hidden = createHash('sha256').update(`made up: ${name}`).digest()
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(hidden)
  const point = curve.getPublicKey()
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))]
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d: text(hidden), x, y }, format: 'jwk' })
}
