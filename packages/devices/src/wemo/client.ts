import { closedPort } from '../connect.ts'
import { mapResult, refused, type Result, type Switch } from '../switch.ts'
import { post } from './post.ts'
import { type Action, parseState, type Said } from './soap.ts'

/** Wemo devices take one of these when they start. */
const ports = [49_153, 49_152, 49_154, 49_151, 49_155] as const

/** A Wemo switch. Its port moves: where one is closed the others are tried, and the one that answers is remembered. */
export const wemoSwitch = (place: { readonly name: string; readonly host: string; readonly port?: number }): Switch => {
  const { name, host } = place
  let known = place.port ?? ports[0]

  const call = async (action: Action, state: '' | '0' | '1', deadline: AbortSignal): Promise<Result<Said>> => {
    for (const port of new Set([known, ...ports])) {
      const answer = await post({ name, host, port }, { action, state }, deadline)
      if (answer === closedPort) continue
      known = port
      return mapResult(answer, (body) => parseState(name, body))
    }
    return refused(
      `${name} at ${host} refuses connections on every port that Wemo devices use: set its address if it has changed, or unplug it for ten seconds`,
      'closed',
    )
  }
  const read = async (deadline: AbortSignal): Promise<Result<boolean>> =>
    mapResult<Said, boolean>(await call('GetBinaryState', '', deadline), (said) =>
      said === 'error'
        ? refused(`${name} answered Error when asked for its state: unplug it for ten seconds`, 'said-no')
        : { ok: true, value: said.on },
    )
  return {
    read,
    set: async (on, deadline) => {
      const said = await call('SetBinaryState', on ? '1' : '0', deadline)
      if (!said.ok) return said
      if (said.value !== 'error') return { ok: true, value: on }
      // `Error` is also what it says when it has that state already: look.
      return mapResult<boolean, boolean>(await read(deadline), (state) =>
        state === on
          ? { ok: true, value: on }
          : refused(`${name} refused to switch: unplug it for ten seconds`, 'said-no'),
      )
    },
  }
}
