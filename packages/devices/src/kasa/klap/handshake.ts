import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Answered, post } from '../../call.ts'
import { closedPort } from '../../connect.ts'
import { refused, type Result } from '../../switch.ts'
import { type KasaPlace, klapPort } from '../place.ts'
import { type Account, type Key, keysFor, proofOfDevice, proofOfOurs, type Seeds } from './account.ts'
import { type Cipher, createCipher } from './cipher.ts'
import { forbidden } from './forbidden.ts'

/** A login that a device remembers for a while. */
export type Session = {
  readonly cipher: Cipher
  readonly cookie: string
  /** On the clock of `performance.now()`. */
  readonly expires: number
}

const seedLength = 16
const proofLength = 32
const day = 86_400

/** Logs in to a device: both sides prove that they know the account, neither tells it. */
export const handshake = async (
  place: KasaPlace,
  deadline: AbortSignal,
): Promise<Result<Session> | typeof closedPort> => {
  const account = await place.account?.()
  if (account?.ok === false) return account
  const ours = randomBytes(seedLength)
  const first = await say(place, { step: 'handshake1', body: ours }, deadline)
  if (first === closedPort || !first.ok) return first
  const { status, headers, body } = first.value
  if (status !== 200) return status === 403 ? forbidden(place, deadline) : stranger(place, `answered ${status}`)
  if (body.length !== seedLength + proofLength) return stranger(place, 'answered a login with what is none')
  const seeds = { ours, theirs: body.subarray(0, seedLength) }
  const key = keyBy(seeds, body.subarray(seedLength), account?.value)
  if (key === undefined) return wrongAccount(place)
  const cookie = cookieOf(headers)
  const second = await say(
    place,
    { step: 'handshake2', body: proofOfOurs(seeds, key), cookie: cookie.session },
    deadline,
  )
  if (second === closedPort || !second.ok) return second
  if (second.value.status !== 200)
    return refused(
      `${place.name} broke off the login with ${second.value.status}: unplug it for ten seconds`,
      'said-no',
    )
  return {
    ok: true,
    value: {
      cipher: createCipher(seeds, key),
      cookie: cookie.session,
      // Its clock may be fast: the last tenth is not relied on.
      expires: performance.now() + cookie.seconds * 900,
    },
  }
}

/** One step of KLAP, with the cookie of the session once there is one. */
export const say = (
  { name, host, klapPort: port = klapPort }: KasaPlace,
  { step, body, cookie = '' }: { readonly step: string; readonly body: Buffer; readonly cookie?: string },
  deadline: AbortSignal,
): Promise<Result<Answered> | typeof closedPort> =>
  post({ name, host, port, path: `/app/${step}`, headers: cookie === '' ? {} : { Cookie: cookie }, body }, deadline)

const keyBy = (seeds: Seeds, proof: Buffer, account: Account | undefined): Key | undefined =>
  keysFor(account).find((key) => proofOfDevice(seeds, key).equals(proof))

/** `TP_SESSIONID=…;TIMEOUT=86400`: the session, and for how many seconds it is kept. */
const cookieOf = (headers: IncomingHttpHeaders): { readonly session: string; readonly seconds: number } => {
  const said = (headers['set-cookie'] ?? []).join(';').slice(0, 4096)
  const [, session = ''] = /\bTP_SESSIONID=([^;\s]{1,200})/u.exec(said) ?? []
  const seconds = Number(/\bTIMEOUT=(\d{1,7})\b/u.exec(said)?.[1] ?? day)
  return { session: session === '' ? '' : `TP_SESSIONID=${session}`, seconds }
}

const stranger = ({ name, host }: KasaPlace, what: string): Result<never> =>
  refused(
    `${name} at ${host} ${what}: it is no Kasa device (set its address if it has changed), or wants newer firmware`,
    'stranger',
  )

const wrongAccount = ({ name, account }: KasaPlace): Result<never> =>
  refused(
    account === undefined
      ? `${name} wants the TP-Link account that it was set up with: set its "account", or turn on "Third-Party Integration" in the Kasa app`
      : `${name} does not take its "account": set the e-mail address and password with which it was set up in the app, upper and lower case alike`,
    'account',
  )
