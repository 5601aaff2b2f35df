import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { refused, type Result } from '../switch.ts'

/** The key of one installation of the app: made once, known to the cloud from then on. */
export type InstallationKey = {
  readonly id: string
  /** 32 bytes that go into every proof. */
  readonly secret: Buffer
  readonly privateKey: KeyObject
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer
}

/** Reads the JSON of a key: `secret`, `private_key` (PKCS8 DER) in base64, and `installation_id`. */
export const parseInstallationKey = (text: string): Result<InstallationKey> => {
  const { secret, private_key: hidden, installation_id: id } = fieldsOf(text)
  if (typeof secret !== 'string' || typeof hidden !== 'string' || typeof id !== 'string' || id === '') {
    return refused('it is no JSON with secret, private_key and installation_id')
  }
  const bytes = Buffer.from(secret, 'base64')
  if (bytes.length !== 32) return refused(`its secret has ${bytes.length} bytes, not 32`)
  const privateKey = privateKeyOf(hidden)
  if (privateKey?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return refused('its private_key is no P-256 key in base64 PKCS8 DER')
  }
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { ok: true, value: { id, secret: bytes, privateKey, publicKey } }
}

const fieldsOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const data: unknown = JSON.parse(text)
    return typeof data === 'object' && data !== null ? { ...data } : {}
  } catch {
    return {}
  }
}

const privateKeyOf = (base64: string): KeyObject | undefined => {
  try {
    return createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

/** Makes the JSON of a new key, as the app makes its own; the cloud knows it once it has signed in. */
export const newInstallationKey = (id: string = randomUUID()): string => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const open = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64')
  const key = {
    secret: sha256(`${id}.${open}.${sha256(id)}`),
    private_key: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    installation_id: id,
  }
  return `${JSON.stringify(key)}\n`
}
