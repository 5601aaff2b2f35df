import { readFileSync } from 'node:fs'
import { type InstallationKey, laMarzoccoUrl, parseInstallationKey } from '@homeslice/devices'
import type { CannotStart } from '@homeslice/service-kit'

/** What the service is started with. */
export type Settings = {
  readonly base: string
  readonly key: InstallationKey
  readonly account: { readonly user: string; readonly password: string }
  readonly serial: string
}

type Env = Readonly<Record<string, string | undefined>>

const refuse = (message: string): CannotStart => ({ ok: false, exit: 1, message })

type Read<Value> = { readonly ok: true; readonly value: Value } | CannotStart

/** Reads the key, the account and the cloud's address; says the first thing that does not fit. */
export const readSettings = (env: Env): { readonly ok: true; readonly settings: Settings } | CannotStart => {
  const base = baseOf(env)
  if (!base.ok) return base
  const key = keyOf(env)
  if (!key.ok) return key
  const creds = credsOf(env)
  return creds.ok ? { ok: true, settings: { base: base.value, key: key.value, ...creds.value } } : creds
}

const baseOf = ({ LMZ_BASE_URL: written = '' }: Env): Read<string> => {
  if (written === '') return { ok: true, value: laMarzoccoUrl }
  const { protocol = '' } = URL.parse(written) ?? {}
  return /^https?:$/u.test(protocol)
    ? { ok: true, value: written }
    : refuse(`LMZ_BASE_URL is "${written}", which is no URL`)
}

const keyOf = (env: Env): Read<InstallationKey> => {
  const file = fileOf(env, 'INSTALLATION_KEY_PATH', 'the JSON file of the installation key')
  if (!file.ok) return file
  const key = parseInstallationKey(file.value.text)
  return key.ok ? key : refuse(`${file.value.path} holds no installation key: ${key.reason}`)
}

const credsOf = (env: Env): Read<Pick<Settings, 'account' | 'serial'>> => {
  const file = fileOf(env, 'CREDS_PATH', 'a file of three lines: user, password, serial number')
  if (!file.ok) return file
  const [user = '', password = '', serial = ''] = file.value.text.split('\n').map((line) => line.trim())
  return [user, password, serial].includes('')
    ? refuse(`${file.value.path} must have three lines: user, password, serial number of the machine`)
    : { ok: true, value: { account: { user, password }, serial } }
}

const fileOf = (env: Env, name: string, what: string): Read<{ readonly path: string; readonly text: string }> => {
  const path = env[name] ?? ''
  if (path === '') return refuse(`${name} is not set; it names ${what}`)
  try {
    return { ok: true, value: { path, text: readFileSync(path, 'utf8') } }
  } catch (error) {
    return refuse(`${path} (${name}) cannot be read: ${(error as Error).message}`)
  }
}

/** The original's words for levels, in ours. */
const levels: ReadonlyMap<string, string> = new Map([
  ['WARNING', 'warn'],
  ['CRITICAL', 'error'],
  ['FATAL', 'error'],
])

/** A level as every service of ours takes it. */
export const levelOf = (word: string | undefined): string | undefined => levels.get(word?.toUpperCase() ?? '') ?? word
