import { createHash } from 'node:crypto'

/** An account with the maker: the one that a device was set up with opens it. */
export type Account = { readonly user: string; readonly password: string }

/** What proves an account to a device, in one of the two ways that devices count it. */
export type Key = { readonly version: 1 | 2; readonly hash: Buffer; readonly owner: 'user' | 'factory' }

/** What devices take that were never connected to their maker's cloud; some of them fall back to these at times. */
const factoryAccounts: readonly Account[] = [
  { user: 'kasa@tp-link.net', password: 'kasaSetup' },
  { user: 'test@tp-link.net', password: 'test' },
  { user: '', password: '' },
]

const digest = (algorithm: 'md5' | 'sha1' | 'sha256', ...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const keysOf = ({ user, password }: Account, owner: Key['owner']): readonly Key[] => [
  { version: 2, owner, hash: digest('sha256', digest('sha1', user), digest('sha1', password)) },
  { version: 1, owner, hash: digest('md5', digest('md5', user), digest('md5', password)) },
]

/** Every key worth trying, in order: the user's own, then the factory's. */
export const keysFor = (account: Account | undefined): readonly Key[] => [
  ...(account === undefined ? [] : keysOf(account, 'user')),
  ...factoryAccounts.flatMap((one) => keysOf(one, 'factory')),
]

/** The two seeds of a handshake: ours, and the device's. */
export type Seeds = { readonly ours: Buffer; readonly theirs: Buffer }

/** What a device says to prove that it knows the key. */
export const proofOfDevice = ({ ours, theirs }: Seeds, { version, hash }: Key): Buffer =>
  version === 1 ? digest('sha256', ours, hash) : digest('sha256', ours, theirs, hash)

/** What we say to prove it. */
export const proofOfOurs = ({ ours, theirs }: Seeds, { version, hash }: Key): Buffer =>
  version === 1 ? digest('sha256', theirs, hash) : digest('sha256', theirs, ours, hash)

/** Bytes that both sides derive from a handshake, for one purpose each. */
export const derived = (purpose: 'lsk' | 'iv' | 'ldk', { ours, theirs }: Seeds, { hash }: Key): Buffer =>
  digest('sha256', purpose, ours, theirs, hash)
