import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Outcome, pushFiles } from '@homeslice/service-kit'
import { withIds } from './account.ts'
import type { Cloud } from './cloud.ts'
import { textOf } from './dump.ts'
import { readAccount } from './read.ts'
import { idsFile } from './restore.ts'
import type { Repository } from './settings.ts'

/** Reads the account and pushes what it says, where that is not in the repository yet. */
export const backup = async (cloud: Cloud, { filename, ...repository }: Repository): Promise<Outcome> => {
  const read = await readAccount(cloud)
  if (!read.ok) return { exit: 2, message: read.message }
  const ids = idsFile(filename)
  const pushed = await pushFiles({
    ...repository,
    signal: cloud.signal,
    reads: [ids],
    fill: async ({ folder, texts }) => {
      const path = join(folder, filename)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, textOf(withIds(read.value, idsIn(texts.get(ids)))))
      return [filename]
    },
  })
  if (!pushed.ok) return { exit: 2, message: pushed.message }
  const facts = { projects: read.value.projects.length, tasks: read.value.tasks.length }
  if (!pushed.changed) return { exit: 0, message: 'nothing has changed since the last backup', facts }
  return { exit: 0, message: `pushed ${filename}`, facts: { ...facts, commit: pushed.commit } }
}

/** What a restore has left in the repository; where that is damaged, ids are what they are now. */
const idsIn = (text: string | undefined): ReadonlyMap<string, string> => {
  try {
    const value = JSON.parse(text ?? '{}') as Readonly<Record<string, unknown>>
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return new Map()
  }
}
