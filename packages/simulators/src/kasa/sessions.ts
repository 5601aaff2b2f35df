import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { Speaker } from './device.ts'
import type { Klap } from './options.ts'

/** An HTTP answer of the device. */
export type Said = {
  readonly status: number
  /** @default empty */
  readonly body?: Buffer
  readonly cookie?: string
  /** Bytes that are no HTTP. @default false */
  readonly raw?: boolean
}

/** The logins of a device. */
export type Sessions = {
  readonly begin: (seed: Buffer) => Said
  readonly confirm: (id: string, proof: Buffer) => Said
  readonly request: (id: string, sequence: number, body: Buffer) => Said
}

type Session = {
  readonly client: Buffer
  readonly device: Buffer
  readonly until: number
  isOpen: boolean
  left: number
}

/** A small device remembers few logins: the oldest is forgotten for a new one. */
const remembered = 8
const day = 86_400
const forbidden: Said = { status: 403 }

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => hashed('sha256', parts)
const hashed = (algorithm: string, parts: readonly (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest()

const numbered = (sequence: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(sequence)
  return bytes
}

/** Logins by an account, and messages hidden by them. */
export const createSessions = (klap: Klap, { answer, onLogin }: Pick<Speaker, 'answer' | 'onLogin'>): Sessions => {
  const { version, account = { user: '', password: '' }, requestsPerSession = Infinity, sessionSeconds = day } = klap
  const known = new Map<string, Session>()
  const { inner, outer } = version === 1 ? { inner: 'md5', outer: 'md5' } : { inner: 'sha1', outer: 'sha256' }
  const owner = hashed(outer, [hashed(inner, [account.user]), hashed(inner, [account.password])])

  const cipherOf = ({ client, device }: Session, sequence: number) => {
    const of = (word: string): Buffer => sha256(word, client, device, owner)
    return {
      secret: of('lsk').subarray(0, 16),
      vector: Buffer.concat([of('iv').subarray(0, 12), numbered(sequence)]),
      sign: (hidden: Buffer): Buffer => sha256(of('ldk').subarray(0, 28), numbered(sequence), hidden),
    }
  }
  const reply = (session: Session, sequence: number, body: Buffer): Said => {
    const { secret, vector, sign } = cipherOf(session, sequence)
    const hidden = body.subarray(32)
    if (!body.subarray(0, 32).equals(sign(hidden))) return forbidden
    const reveal = createDecipheriv('aes-128-cbc', secret, vector)
    const plain = Buffer.concat([reveal.update(hidden), reveal.final()]).toString()
    const hide = createCipheriv('aes-128-cbc', secret, vector)
    const said = Buffer.concat([hide.update(answer(plain)), hide.final()])
    return { status: 200, body: Buffer.concat([sign(said), said]) }
  }
  return {
    begin: (client) => {
      if (client.length !== 16) return { status: 400 }
      const id = randomBytes(16).toString('hex').toUpperCase()
      const device = randomBytes(16)
      const [oldest = ''] = known.keys()
      if (known.size >= remembered) known.delete(oldest)
      const until = performance.now() + sessionSeconds * 1000
      known.set(id, { client, device, until, isOpen: false, left: requestsPerSession })
      const proof = version === 1 ? sha256(client, owner) : sha256(client, device, owner)
      return {
        status: 200,
        body: Buffer.concat([device, proof]),
        cookie: `TP_SESSIONID=${id};TIMEOUT=${sessionSeconds}`,
      }
    },
    confirm: (id, proof) => {
      const session = known.get(id)
      if (session === undefined) return forbidden
      const { client, device } = session
      const expected = version === 1 ? sha256(device, owner) : sha256(device, client, owner)
      session.isOpen = proof.equals(expected)
      if (!session.isOpen) return forbidden
      onLogin()
      return { status: 200 }
    },
    request: (id, sequence, body) => {
      const session = known.get(id)
      if (session?.isOpen !== true || performance.now() > session.until) return forbidden
      if (session.left < 1) return { status: 200, raw: true }
      session.left -= 1
      return reply(session, sequence, body)
    },
  }
}
