import { byDeadline } from '../deadline.ts'
import type { Machine, MachineState } from '../machine.ts'
import { mapResult, refused, type Result } from '../switch.ts'
import { acceptance, stateOf } from './answers.ts'
import { late } from './call.ts'
import { createSession } from './session.ts'
import type { Place } from './sign-in.ts'

/** Where the app of the maker asks. */
export const laMarzoccoUrl = 'https://lion.lamarzocco.io/api/customer-app'

/** A machine behind the cloud. */
export type CloudMachine = Machine & {
  /** Signs in now, so that the first press need not wait for it. */
  readonly prepare: () => Promise<Result<string>>
  /** Cuts every call that still runs. */
  readonly close: () => void
}

/**
 * A state is told again for this long. HomeKit asks several times when someone opens it, and the cloud turns away those
 * who ask often; a person who walks from the machine to the phone takes longer.
 */
const rememberMilliseconds = 5000
/** One look at the cloud: longer than a request may wait, for the next one. */
const lookMilliseconds = 5000
/** How long a command that was accepted waits to hear whether the machine can hear it at all. */
const hearMilliseconds = 500

/** A La Marzocco machine with this serial number, by the maker's cloud. */
export const laMarzocco = ({ serial, ...place }: Place & { readonly serial: string }): CloudMachine => {
  const ended = new AbortController()
  const session = createSession(place, ended.signal)
  const path = `/things/${encodeURIComponent(serial)}`
  let seen: { readonly state: MachineState; readonly until: number } | undefined
  let looking: Promise<Result<MachineState>> | undefined

  const startLooking = (): Promise<Result<MachineState>> => {
    const limit = AbortSignal.timeout(lookMilliseconds)
    const mine = session
      .ask({ method: 'GET', path: `${path}/dashboard` }, limit)
      .then((answer) => mapResult(answer, (body) => stateOf(serial, body)))
      .then((result) => {
        // A command may have come meanwhile: then this is of before.
        if (looking === mine && result.ok) seen = { state: result.value, until: place.now() + rememberMilliseconds }
        return result
      })
      .finally(() => {
        if (looking === mine) looking = undefined
      })
    looking = mine
    return mine
  }
  const read = (deadline: AbortSignal): Promise<Result<MachineState>> => {
    if (deadline.aborted) return Promise.resolve(late())
    if (seen !== undefined && place.now() < seen.until) return Promise.resolve({ ok: true, value: seen.state })
    return byDeadline(deadline, looking ?? startLooking(), late())
  }
  const forget = (): void => {
    seen = undefined
    looking = undefined
  }
  return {
    read,
    set: async (on, deadline) => {
      // Asked beside the command: the cloud also accepts commands for machines that cannot hear them.
      const state = read(deadline)
      const body = { mode: on ? 'BrewingMode' : 'StandBy' }
      const answer = await session.ask(
        { method: 'POST', path: `${path}/command/CoffeeMachineChangeMode`, body },
        deadline,
      )
      forget()
      const enough = AbortSignal.any([deadline, AbortSignal.timeout(hearMilliseconds)])
      const heard = await byDeadline(enough, state, late())
      if (heard.ok && heard.value.trouble !== undefined) return refused(heard.value.trouble)
      return mapResult(
        mapResult(answer, (body) => acceptance(serial, body)),
        () => ({ ok: true, value: on }),
      )
    },
    prepare: session.prepare,
    close: () => ended.abort(),
  }
}
