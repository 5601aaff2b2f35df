import type { CannotStart, Start } from '@homeslice/service-kit'

/** What buttons are started with. */
export type Settings = {
  readonly ok: true
  readonly clocktimeUrl: string
  readonly size: number
  readonly stateFile: string | undefined
}

/** Memory for all of them is set aside at the start. */
const mostButtons = 100_000

const refuse = (message: string): CannotStart => ({ ok: false, exit: 2, message })

/** Reads CLOCKTIME_URL (required), BUTTONS_SIZE (128) and BUTTONS_STATE_FILE (none). */
export const settingsOf = (env: Start['env']): Settings | CannotStart => {
  const { CLOCKTIME_URL: clocktimeUrl, BUTTONS_SIZE: sizeText = '128', BUTTONS_STATE_FILE: stateFile } = env
  if (clocktimeUrl === undefined || clocktimeUrl === '') {
    return refuse('CLOCKTIME_URL is not set; it is the address of the clocktime service')
  }
  if (!/^https?:$/u.test(URL.parse(clocktimeUrl)?.protocol ?? '')) {
    return refuse(`CLOCKTIME_URL is "${clocktimeUrl}", which is no URL; write it like http://clocktime`)
  }
  const size = Number(sizeText)
  if (!Number.isInteger(size) || size < 1 || size > mostButtons) {
    return refuse(`BUTTONS_SIZE is "${sizeText}"; it must be a whole number from 1 to ${mostButtons}`)
  }
  return { ok: true, clocktimeUrl, size, stateFile: stateFile === '' ? undefined : stateFile }
}
