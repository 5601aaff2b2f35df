import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Who may call: keys that registered with a good proof, each call signed, fresh and new. */
export type Guard = {
  /** Takes a public key (base64 DER) whose proof is good. */
  readonly register: (headers: IncomingHttpHeaders, pk: unknown) => boolean
  /** Why a call is not let in; nothing where it is. */
  readonly objection: (headers: IncomingHttpHeaders) => string | undefined
}

type Known = { readonly publicKey: KeyObject; readonly secret: Buffer }

/** A call may be this far from the cloud's own clock, in milliseconds. */
const driftMilliseconds = 5 * 60 * 1000

const hash = (bytes: Buffer | string): Buffer => createHash('sha256').update(bytes).digest()
const word = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '')

/** The secret that an app makes of its id and its public key; both sides can. */
const secretOf = (id: string, pk: string): Buffer => hash(`${id}.${pk}.${hash(id).toString('base64')}`)

const proofOf = (text: string, secret: Buffer): string => {
  const work = [...secret]
  for (const letter of Buffer.from(text)) {
    const place = letter & 31
    const by = (work[(place + 1) & 31] ?? 0) & 7
    const wide = (letter ^ (work[place] ?? 0)) * 2 ** by
    work[place] = (wide & 255) + Math.floor(wide / 256)
  }
  return hash(Buffer.from(work)).toString('base64')
}

const keyOf = (pk: string): KeyObject | undefined => {
  try {
    return createPublicKey({ key: Buffer.from(pk, 'base64'), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** A guard by this clock (milliseconds since 1970). */
export const createGuard = (now: () => number): Guard => {
  const keys = new Map<string, Known>()
  const nonces = new Map<string, number>()
  const remember = (nonce: string, at: number): void => {
    nonces.set(nonce, at)
    // One that is older could not be used again: its timestamp is stale.
    for (const [old, then] of nonces) {
      if (Math.abs(then - now()) <= driftMilliseconds) break
      nonces.delete(old)
    }
  }
  return {
    register: (headers, pk) => {
      const id = word(headers['x-app-installation-id'])
      const publicKey = typeof pk === 'string' ? keyOf(pk) : undefined
      if (typeof pk !== 'string' || publicKey === undefined || id === '') return false
      const secret = secretOf(id, pk)
      const text = `${id}.${hash(Buffer.from(pk, 'base64')).toString('base64')}`
      if (headers['x-request-proof'] !== proofOf(text, secret)) return false
      keys.set(id, { publicKey, secret })
      return true
    },
    objection: (headers) => {
      const id = word(headers['x-app-installation-id'])
      const nonce = word(headers['x-nonce'])
      const timestamp = word(headers['x-timestamp'])
      const known = keys.get(id)
      if (known === undefined) return 'unknown installation'
      if (!/^\d+$/u.test(timestamp) || Math.abs(Number(timestamp) - now()) > driftMilliseconds) return 'stale timestamp'
      if (nonce === '' || nonces.has(nonce)) return 'used nonce'
      const text = `${id}.${nonce}.${timestamp}`
      const signed = Buffer.from(`${text}.${proofOf(text, known.secret)}`)
      const signature = Buffer.from(word(headers['x-request-signature']), 'base64')
      if (!verify('sha256', signed, known.publicKey, signature)) return 'bad signature'
      remember(nonce, Number(timestamp))
      return undefined
    },
  }
}
