import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CannotStart } from '@homeslice/service-kit'
import { type Identity, newIdentity } from './identity.ts'

/** A `config.json` as Homebridge has it; what is not named here is kept as it stands. */
type Config = {
  readonly bridge?: Readonly<Record<string, unknown>>
  readonly accessories?: readonly Readonly<Record<string, unknown>>[]
  readonly disabledPlugins?: readonly string[]
}

/** A file's config, or why there is none. */
type Read = { readonly ok: true; readonly config: Config | undefined } | CannotStart

const refuse = (message: string): CannotStart => ({ ok: false, exit: 2, message })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isConfig = (value: unknown): value is Config =>
  isObject(value) &&
  (value.bridge === undefined || isObject(value.bridge)) &&
  (value.accessories === undefined || (Array.isArray(value.accessories) && value.accessories.every(isObject)))

const readConfig = (path: string): Read => {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isConfig(config) ? { ok: true, config } : refuse(`${path} is no configuration of Homebridge`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? { ok: true, config: undefined } : refuse(`${path} cannot be read: ${message}`)
  }
}

const word = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The bridge's identity as a config has it; what it lacks is made. */
const identityIn = (config: Config | undefined, fresh: Identity): Identity => ({
  username: word(config?.bridge?.username) ?? fresh.username,
  pin: word(config?.bridge?.pin) ?? fresh.pin,
  setupID: word(config?.bridge?.setupID) ?? fresh.setupID,
})

/** What is wanted, with the identity that the volume keeps. Of two plugins for one kind of accessory ours is taken. */
const mergeConfig = (wanted: Config, kept: Config | undefined, fresh: Identity): Config => ({
  ...wanted,
  bridge: { ...wanted.bridge, ...identityIn(kept, fresh) },
  disabledPlugins: [...new Set([...(wanted.disabledPlugins ?? []), 'homebridge-http'])],
})

/** The config that Homebridge runs with, in its place in the folder, or why it cannot be. */
export type Prepared = { readonly ok: true; readonly config: Config; readonly isOurs: boolean } | CannotStart

/**
 * Puts `config.json` in its place: the one that is wanted with the identity that is there, or, where none is wanted, the
 * one that is there, untouched. A program that may listen at one address alone announces its bridge there alone.
 */
export const prepareConfig = (folder: string, wantedPath: string | undefined, host?: string): Prepared => {
  const place = join(folder, 'config.json')
  const kept = readConfig(place)
  if (!kept.ok) return kept
  if (wantedPath === undefined) {
    if (kept.config !== undefined) return { ok: true, config: kept.config, isOurs: false }
    return refuse(`there is no ${place}; put one there, or give the path of one as the argument`)
  }
  const wanted = readConfig(wantedPath)
  if (!wanted.ok) return wanted
  if (wanted.config === undefined) return refuse(`there is no ${wantedPath}`)
  const bound = host === undefined ? {} : { bind: [host] }
  const config = mergeConfig(
    { ...wanted.config, bridge: { ...wanted.config.bridge, ...bound } },
    kept.config,
    newIdentity(),
  )
  const trouble = written(place, config)
  return trouble === undefined ? { ok: true, config, isOurs: true } : refuse(trouble)
}

/** Whole or not at all: half a file would lose the identity, and with it the pairing. Only we may read the code. */
const written = (place: string, config: Config): string | undefined => {
  try {
    writeFileSync(`${place}.new`, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600, flush: true })
    renameSync(`${place}.new`, place)
    return undefined
  } catch (error) {
    return `${place} cannot be written: ${(error as Error).message}; the pairing is kept there, so it must be`
  }
}
