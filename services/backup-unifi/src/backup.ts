import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Outcome, pushFiles } from '@homeslice/service-kit'
import { type Backup, newestIn } from './newest.ts'
import type { Settings } from './settings.ts'

const day = 86_400_000

/** Pushes the newest backup of a folder under its own name, and fails where that is too old: UniFi then makes none. */
export const backup = async (
  { folder, maxAgeDays, ...repository }: Omit<Settings, 'ok'>,
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
): Promise<Outcome> => {
  const newest = await newestIn(folder)
  if (!newest.ok) return { exit: 3, message: newest.message }
  const { name, path, madeAt, bytes } = newest.backup
  const pushed = await pushFiles({
    ...repository,
    message: timestamp(now),
    signal,
    fill: async ({ folder: clone }) => {
      await copyFile(path, join(clone, name))
      return [name]
    },
  })
  if (!pushed.ok) return { exit: 1, message: pushed.message }
  const said = pushed.changed ? `pushed ${name}` : `Nothing to do: ${name} is in the repository already`
  const days = (now.getTime() - madeAt.getTime()) / day
  if (maxAgeDays !== undefined && days > maxAgeDays) return { exit: 4, message: tooOld(newest.backup, days, said) }
  const facts = { bytes, ageDays: Math.round(days * 10) / 10, ...(pushed.changed ? { commit: pushed.commit } : {}) }
  return { exit: 0, message: said, facts }
}

const tooOld = ({ madeAt }: Backup, days: number, said: string): string =>
  `${said}, but it is the newest and ${Math.floor(days)} days old, of ${madeAt.toISOString()}; see under System > Backups whether UniFi still makes automatic backups, and whether its disk is full`

/** YYYYmmddHHMMSS in the timezone of this process, as the original called its commits. */
const timestamp = (now: Date): string =>
  [now.getFullYear(), now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()]
    .map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0'))
    .join('')
