import { createECDH, createHash, createPrivateKey, type KeyObject } from 'node:crypto'

/** 32 bytes that everyone can work out from a name: what stands for a secret where only a simulator reads it. */
export const madeUpBytes = (name: string): Buffer => createHash('sha256').update(`made up: ${name}`).digest()

/** A P-256 key of such bytes, which guards nothing. */
export const madeUpKey = (name: string): KeyObject => {
  const hidden = madeUpBytes(name)
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(hidden)
  const point = curve.getPublicKey()
  const text = (bytes: Buffer): string => bytes.toString('base64url')
  const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))]
  return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d: text(hidden), x, y }, format: 'jwk' })
}
