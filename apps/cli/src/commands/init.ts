import { writeFile } from 'node:fs/promises'
import { homeText, parseHome } from '@homeslice/config'
import { ensureIdentity, identityPath } from '@homeslice/vault'
import type { Context } from '../context.ts'
import { homePath, shortPath } from '../home-file.ts'
import { failed, type Outcome } from '../outcome.ts'

type InitFlags = {
  readonly file?: string
  readonly name?: string
  readonly timezone?: string
  readonly domain?: string
  readonly yes: boolean
  readonly json: boolean
}

type Answers = { readonly name: string; readonly timezone: string; readonly domain: string }

/** `homeslice init`: a small home file, never over one that is there, and your identity for secrets. */
export const init = async (context: Context, flags: InitFlags): Promise<Outcome> => {
  const path = homePath(context, flags.file, { example: false })
  const short = shortPath(context, path)
  const answers = await answersOf(context, flags)
  if (answers === undefined) return failed(130, { message: 'nothing was written' }, { file: short })
  const text = homeText(answers)
  const checked = parseHome(text, short)
  if (!checked.ok) {
    const [problem] = checked.problems
    return failed(
      2,
      { message: problem?.message ?? 'these answers make no home', ...(problem?.fix ? { fix: problem.fix } : {}) },
      { file: short },
    )
  }
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'EEXIST')
      return failed(
        1,
        { message: `${short} is there already; it was left as it is`, fix: 'name another with --file' },
        { file: short },
      )
    return failed(
      1,
      { message: `${short} cannot be written (${code})`, fix: 'look at the rights of that folder and the free disk' },
      { file: short },
    )
  }
  const identity = await ensureIdentity(identityPath(context.env))
  if (!identity.ok) return failed(1, identity, { file: short })
  return {
    exit: 0,
    document: { file: short, identity: identity.path },
    text: [
      `wrote ${short}`,
      `your identity for secrets is ${identity.path}${identity.made ? ' (new: keep a copy in a safe place)' : ''}`,
      'next: homeslice check, then homeslice up',
    ].join('\n'),
  }
}

const defaults = (): Answers => ({
  name: 'home',
  timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  domain: 'home.test',
})

/** Flags answer; what they leave open is asked on a terminal, and takes its default elsewhere. */
const answersOf = async ({ stdin, process: { stdout } }: Context, flags: InitFlags): Promise<Answers | undefined> => {
  const usual = { ...defaults(), ...pick(flags) }
  if (flags.yes || flags.json || !stdin.isTTY || stdout.isTTY !== true) return usual
  const prompts = await import('@clack/prompts')
  const answers: Record<string, string> = {}
  const questions = {
    name: 'What is the home called?',
    timezone: 'In which timezone is it?',
    domain: 'Under which domain shall its names live?',
  }
  for (const [key, message] of Object.entries(questions) as [keyof Answers, string][]) {
    const given = flags[key]
    const answer = given ?? (await prompts.text({ message, initialValue: usual[key] }))
    if (prompts.isCancel(answer)) return undefined
    answers[key] = answer
  }
  return { ...usual, ...answers }
}

const pick = ({ name, timezone, domain }: InitFlags): Partial<Answers> =>
  Object.fromEntries(Object.entries({ name, timezone, domain }).filter(([, value]) => value !== undefined))
