import type { Problem } from '@homeslice/config'
import { readHome } from '@homeslice/config'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { homePath, shortPath } from '../home-file.ts'
import { type Outcome, wordsOf } from '../outcome.ts'

type Checked = { readonly ok: boolean; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/** One problem as people read it: place, path in the file, what is wrong, what to do. */
const inWords = ({ path, message, ...rest }: Problem): string =>
  wordsOf({ ...rest, message: path === '' ? message : `${path}: ${message}` })

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

/** `homeslice check [FILE]`: everything that is wrong with a home file, at once. */
export const check = async (context: Context, flags: HomeFlags, named?: string): Promise<Outcome<Checked>> => {
  const full = homePath(context, named ?? flags.file, { example: true })
  const path = shortPath(context, full)
  const read = await readHome(full, path)
  const problems = read.ok ? [] : read.problems
  const { warnings } = read
  const warned = warnings.map((warning) => `warning: ${inWords(warning)}`)
  const verdict = read.ok
    ? `${path} is fine: ${summary(read.home.environments)}`
    : `${counted(problems.length, 'problem')} in ${path}`
  return {
    exit: read.ok ? 0 : 2,
    document: { ok: read.ok, problems, warnings },
    text: [...problems.map(inWords), ...warned, verdict].join('\n'),
  }
}

const summary = (environments: Readonly<Record<string, { readonly services: object }>>): string =>
  Object.entries(environments)
    .map(([name, { services }]) => `${name} with ${counted(Object.keys(services).length, 'service')}`)
    .join(', ')
