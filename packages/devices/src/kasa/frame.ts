/** No Kasa answer is longer; one that announces more is nonsense or hostile. */
export const frameLimit = 64 * 1024

const firstKey = 0xab

/** A message as it goes over the wire: its length, then its bytes, each hidden by the one before it. */
export const encodeFrame = (message: string): Buffer => {
  const plain = Buffer.from(message)
  const frame = Buffer.alloc(plain.length + 4)
  frame.writeUInt32BE(plain.length)
  let key = firstKey
  for (const [index, byte] of plain.entries()) {
    key ^= byte
    frame[index + 4] = key
  }
  return frame
}

/** What arrived so far: a whole message, too few of the bytes that are wanted, or an announced length that no device sends. */
export type Decoded =
  | { readonly state: 'whole'; readonly message: string }
  | { readonly state: 'more'; readonly wanted: number }
  | { readonly state: 'too long'; readonly announced: number }

/** Decodes the first frame of what arrived. */
export const decodeFrame = (arrived: Buffer): Decoded => {
  if (arrived.length < 4) return { state: 'more', wanted: 4 }
  const length = arrived.readUInt32BE()
  if (length > frameLimit) return { state: 'too long', announced: length }
  if (arrived.length < length + 4) return { state: 'more', wanted: length + 4 }
  const hidden = arrived.subarray(4, length + 4)
  const plain = Buffer.alloc(length)
  let key = firstKey
  for (const [index, byte] of hidden.entries()) {
    plain[index] = byte ^ key
    key = byte
  }
  return { state: 'whole', message: plain.toString('utf8') }
}
