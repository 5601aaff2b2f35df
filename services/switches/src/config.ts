import { readFileSync } from 'node:fs'
import type { CannotStart } from '@homeslice/service-kit'
import { readAccount } from './account.ts'
import { type Additions, additionsOf } from './additions.ts'

/** One switch as the config file names it. */
export type SwitchConfig = Additions & {
  readonly id: string
  readonly kind: 'kasa/v1' | 'wemo/v1'
  readonly name: string
  readonly address: string
}

/** All switches by id, or why the file cannot be used. */
export type ReadConfig = { readonly ok: true; readonly switches: ReadonlyMap<string, SwitchConfig> } | CannotStart

const refuse = (message: string): CannotStart => ({ ok: false, exit: 2, message })

/** Reads a config file: a JSON array; keys in any case, unknown keys and text after the array ignored, last id wins. */
export const readConfig = (path: string): ReadConfig => {
  try {
    return parseConfig(readFileSync(path, 'utf8'), path)
  } catch (error) {
    return refuse(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** The same from text. */
export const parseConfig = (content: string, path: string): ReadConfig => {
  const list = firstValue(content)
  if (!Array.isArray(list)) return refuse(`${path} holds no JSON array of switches`)
  const switches = new Map<string, SwitchConfig>()
  for (const [index, item] of list.entries()) {
    const one = switchOf(item)
    if (typeof one === 'string') return refuse(`${path}: switch ${index + 1} ${one}`)
    switches.set(one.id, one)
  }
  return { ok: true, switches }
}

/** The same, once every account that it names can be read. */
export const checkAccounts = async (config: ReadConfig, path: string): Promise<ReadConfig> => {
  if (!config.ok) return config
  for (const { id, account } of config.switches.values()) {
    const read = account === undefined ? undefined : await readAccount(account)
    if (read?.ok === false) return refuse(`${path}: switch "${id}": ${read.reason}`)
  }
  return config
}

/** The first JSON value of a text; the original ignored what came after it. */
const firstValue = (content: string): unknown => {
  try {
    return JSON.parse(content) as unknown
  } catch (error) {
    const position = /after JSON at position (\d+)/u.exec((error as Error).message)?.[1]
    if (position === undefined) return undefined
    return firstValue(content.slice(0, Number(position)))
  }
}

const switchOf = (item: unknown): SwitchConfig | string => {
  if (typeof item !== 'object' || item === null) return 'is no object'
  const keys = lowerKeys(item)
  const { id, kind, name, address } = keys
  if (typeof id !== 'string') return 'has no id'
  if (kind !== 'kasa/v1' && kind !== 'wemo/v1') {
    return `("${id}") is of kind ${JSON.stringify(kind)}; known are kasa/v1 and wemo/v1`
  }
  if (typeof address !== 'string' || !/^[\w.:-]+$/u.test(address)) {
    return `("${id}") has no IP address or host name as its address`
  }
  const more = additionsOf(keys)
  if (typeof more === 'string') return `("${id}") ${more}`
  return { id, kind, name: typeof name === 'string' && name !== '' ? name : id, address, ...more }
}

const lowerKeys = (item: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(item).map(([key, value]) => [key.toLowerCase(), value as unknown]))
