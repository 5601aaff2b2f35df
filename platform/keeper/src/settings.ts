import type { Estate } from '@homeslice/cluster'
import type { CannotStart } from '@homeslice/service-kit'

/** Whose keeper it is, and how often it looks. */
export type Settings = {
  readonly estate: Estate
  /** From the end of one look to the beginning of the next. */
  readonly everySeconds: number
}

const usualSeconds = 20

type Env = Readonly<Record<string, string | undefined>>

/** Reads the settings of a keeper: KEEPER_HOME, KEEPER_ENVIRONMENT and KEEPER_EVERY_SECONDS (20 if it is not set). */
export const settingsOf = (env: Env): { readonly ok: true; readonly settings: Settings } | CannotStart => {
  const { KEEPER_HOME: home = '', KEEPER_ENVIRONMENT: environment = '', KEEPER_EVERY_SECONDS: every = '' } = env
  const [wrong] = Object.entries({ KEEPER_HOME: home, KEEPER_ENVIRONMENT: environment }).filter(
    ([, name]) => !/^[a-z][a-z0-9]*$/u.test(name),
  )
  if (wrong !== undefined) {
    const [setting, value] = wrong
    return { ok: false, exit: 2, message: `${setting} is "${value}"; it must be the name of a home or an environment` }
  }
  const everySeconds = every === '' ? usualSeconds : Number(every)
  if (!(everySeconds >= 1 && everySeconds <= 3600)) {
    return { ok: false, exit: 2, message: `KEEPER_EVERY_SECONDS is "${every}"; it must be 1 to 3600` }
  }
  return { ok: true, settings: { estate: { home, env: environment }, everySeconds } }
}
