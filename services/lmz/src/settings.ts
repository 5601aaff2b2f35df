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

/** Reads the key, the account and the cloud's address; says the first thing that does not fit. */
export const readSettings = (env: Env): { readonly ok: true; readonly settings: Settings } | CannotStart => {
  const base = env.LMZ_BASE_URL === undefined || env.LMZ_BASE_URL === '' ? laMarzoccoUrl : env.LMZ_BASE_URL
  if (!/^https?:$/u.test(URL.parse(base)?.protocol ?? '')) return refuse(`LMZ_BASE_URL is "${base}", which is no URL`)
  const keyText = fileOf(env, 'INSTALLATION_KEY_PATH', 'the JSON file of the installation key')
  if (!keyText.ok) return keyText
  const key = parseInstallationKey(keyText.text)
  if (!key.ok) return refuse(`${keyText.path} holds no installation key: ${key.reason}`)
  const creds = fileOf(env, 'CREDS_PATH', 'a file of three lines: user, password, serial number')
  if (!creds.ok) return creds
  const [user = '', password = '', serial = ''] = creds.text.split('\n').map((line) => line.trim())
  if (user === '' || password === '' || serial === '') {
    return refuse(`${creds.path} must have three lines: user, password, serial number of the machine`)
  }
  return { ok: true, settings: { base, key: key.value, account: { user, password }, serial } }
}

const fileOf = (
  env: Env,
  name: string,
  what: string,
): { readonly ok: true; readonly path: string; readonly text: string } | CannotStart => {
  const path = env[name] ?? ''
  if (path === '') return refuse(`${name} is not set; it names ${what}`)
  try {
    return { ok: true, path, text: readFileSync(path, 'utf8') }
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
