import { type Found, known, macOf, wordsOf } from './found.ts'

/** Older devices listen here, and answer in the clear but for their veil. */
const legacyPort = 9999
/** Newer devices listen here, also those that closed the other. */
const newerPort = 20_002

const firstKey = 0xab

/** The veil of the legacy protocol; a datagram has no length before it. */
const veiled = (text: string): Buffer => {
  let key = firstKey
  return Buffer.from(text).map((byte) => (key ^= byte)) as Buffer
}

const unveiled = (bytes: Buffer): string => {
  let key = firstKey
  const plain = bytes.map((byte) => {
    const open = byte ^ key
    key = byte
    return open
  })
  return Buffer.from(plain).toString('utf8')
}

/** What is asked of all at once, on each port. */
export const kasaSearches: readonly { readonly port: number; readonly bytes: Buffer }[] = [
  { port: legacyPort, bytes: veiled('{"system":{"get_sysinfo":{}}}') },
  // A header alone: version 2, no body, its checksum.
  { port: newerPort, bytes: Buffer.from('020000010000000000000000463cb5d3', 'hex') },
]

const headerLength = 16

/** Reads what a device answered to one of them; nothing for what is none. */
export const readKasa = (address: string, bytes: Buffer): Found | undefined =>
  bytes[0] === 2 ? newer(address, bytes) : legacy(address, bytes)

const legacy = (address: string, bytes: Buffer): Found | undefined => {
  const info = at(at(jsonOf(unveiled(bytes)), 'system'), 'get_sysinfo')
  if (typeof at(info, 'model') !== 'string') return undefined
  return {
    kind: 'kasa',
    address,
    ...known({
      // Bulbs call it mic_mac, plugs mac.
      mac: macOf(at(info, 'mac')) ?? macOf(at(info, 'mic_mac')),
      serial: wordsOf(at(info, 'deviceId')),
      name: wordsOf(at(info, 'alias')) ?? wordsOf(at(info, 'dev_name')),
      model: wordsOf(at(info, 'model')),
    }),
  }
}

const newer = (address: string, bytes: Buffer): Found | undefined => {
  const result = at(jsonOf(bytes.subarray(headerLength).toString('utf8')), 'result')
  if (typeof at(result, 'device_model') !== 'string') return undefined
  return {
    kind: 'kasa',
    address,
    ...known({
      mac: macOf(at(result, 'mac')),
      serial: wordsOf(at(result, 'device_id')),
      model: wordsOf(at(result, 'device_model')),
      speaks: wordsOf(at(at(result, 'mgt_encrypt_schm'), 'encrypt_type'))?.toLowerCase(),
    }),
  }
}

const at = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
