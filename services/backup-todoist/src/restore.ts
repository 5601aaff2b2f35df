import { readFile, writeFile } from 'node:fs/promises'
import type { Logger, Outcome } from '@homeslice/service-kit'
import { type Account, collections, withIds } from './account.ts'
import { ask, type Cloud } from './cloud.ts'
import { type Command, commandFor, mostCommands, temporary } from './commands.ts'
import { accountOf, textOf } from './dump.ts'
import { match, type Match, mended, nameOf, type Piece } from './match.ts'
import { readAccount } from './read.ts'

/** Where the ids of a restored account are kept, beside the backup: the next backups go on with the old ones. */
export const idsFile = (backup: string): string => `${backup}.ids.json`

const failed = (message: string): Outcome => ({ exit: 2, message })

/**
 * Makes everything of a backup anew in an empty account. What a run before has made is known by what it is and where it
 * hangs, so a run that was cut off at any point goes on where it was, without notes of its own.
 */
export const restore = async (cloud: Cloud, path: string, log: Logger): Promise<Outcome> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (typeof text !== 'string') return failed(`the backup cannot be read from ${path} (${String(text.code)})`)
  const read = accountOf(text, path)
  if (!read.ok) return failed(read.message)
  const { account: backup, moved } = mended(read.account)
  for (const sentence of moved) log.warn(sentence)
  const before = await readAccount(cloud)
  if (!before.ok) return failed(before.message)
  const found = match(backup, before.value)
  const [foreign] = found.foreign
  if (foreign !== undefined) return failed(notEmpty(foreign, path))
  log.info({ missing: found.missing.length, there: found.ids.size }, 'making what is missing')
  const made = await makeAll(cloud, found, log)
  if (made !== undefined) return failed(`${made}; run this again, it goes on from there`)
  return verify(cloud, backup, path)
}

const notEmpty = ({ collection, thing }: Piece, path: string): string =>
  `the account holds ${nameOf(thing)} under ${collection}, which ${path} does not, or elsewhere; restore into an account that is empty, or go on in one where restoring this file was cut off`

/** Makes the pieces in their order; gives a sentence where one could not be made. */
const makeAll = async (cloud: Cloud, { ids, missing }: Match, log: Logger): Promise<string | undefined> => {
  const real = new Map([...ids].map(([there, then]) => [then, there]))
  const resolve = (id: string): string | undefined => (id === '' ? undefined : (real.get(id) ?? temporary(id)))
  for (let from = 0; from < missing.length; from += mostCommands) {
    const pieces = missing.slice(from, from + mostCommands)
    const commands = pieces.map((piece) => commandFor(piece, resolve))
    const form = { commands: JSON.stringify(commands) }
    // A call without an answer may have been carried out: only looking at the account tells.
    const answer = await ask(cloud, { path: 'sync', form, repeatable: false })
    if (!answer.ok) return answer.message
    const trouble = take(answer.value, { pieces, commands, real })
    if (trouble !== undefined) return trouble
    log.info({ made: from + pieces.length, of: missing.length }, 'made')
  }
  return undefined
}

type Batch = {
  readonly pieces: readonly Piece[]
  readonly commands: readonly Command[]
  readonly real: Map<string, string>
}

type Sync = {
  readonly sync_status?: Readonly<Record<string, unknown>>
  readonly temp_id_mapping?: Readonly<Record<string, unknown>>
}

const take = (value: unknown, { pieces, commands, real }: Batch): string | undefined => {
  const { sync_status: statuses, temp_id_mapping: mapping } = (value ?? {}) as Sync
  for (const [index, { thing, collection }] of pieces.entries()) {
    const { uuid, temp_id } = commands[index] as Command
    const status = statuses?.[uuid]
    if (status !== 'ok') return `Todoist does not make ${nameOf(thing)} under ${collection}: ${wordsOf(status)}`
    const id = mapping?.[temp_id]
    if (typeof id !== 'string') return `Todoist made ${nameOf(thing)} and gave it no id`
    real.set(thing.id, id)
  }
  return undefined
}

const wordsOf = (status: unknown): string => {
  const { error } = (status ?? {}) as { readonly error?: unknown }
  return typeof error === 'string' ? error : 'it did not say why'
}

/** Reads the account again: with the old ids for the new ones, its backup must be the file that it was made from. */
const verify = async (cloud: Cloud, backup: Account, path: string): Promise<Outcome> => {
  const after = await readAccount(cloud)
  if (!after.ok) return failed(`everything was made, and could not be read back: ${after.message}`)
  const { ids, missing, foreign } = match(backup, after.value)
  const [odd] = [...missing, ...foreign]
  if (odd !== undefined)
    return failed(`everything was made, and ${nameOf(odd.thing)} under ${odd.collection} is not there as it should be`)
  const now = sameInbox(withIds(after.value, ids), backup)
  if (textOf(now) !== textOf(backup)) return failed('everything was made, and some of it is not at its place')
  const file = idsFile(path)
  const written = await writeFile(
    file,
    `${JSON.stringify(Object.fromEntries([...ids].toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`,
  ).then(
    () => `; commit ${file} beside the backup, so that the next backups go on with the ids of this one`,
    (error: Error) => `; its new ids could not be written: ${error.message}`,
  )
  const facts = Object.fromEntries(collections.map((name) => [name, backup[name].length]))
  return { exit: 0, message: `restored ${path}, and read back the same${written}`, facts }
}

/** What an Inbox is called and how it looks is the account's own. */
const sameInbox = (account: Account, backup: Account): Account => {
  const then = backup.projects.find((one) => one.is_inbox)
  if (then === undefined) return account
  return {
    ...account,
    projects: account.projects.map((one) => (one.id === then.id ? { ...then, order: one.order } : one)),
  }
}
