import { post as call } from '../call.ts'
import { closedPort } from '../connect.ts'
import { mapResult, refused, type Result } from '../switch.ts'
import { type Action, actionHeader, envelope } from './soap.ts'

/** Where a call goes. */
export type WemoPlace = { readonly name: string; readonly host: string; readonly port: number }

/** One SOAP call. Gives the body, or that the port is closed. */
export const post = async (
  place: WemoPlace,
  { action, state }: { readonly action: Action; readonly state: '' | '0' | '1' },
  deadline: AbortSignal,
): Promise<Result<string> | typeof closedPort> => {
  const answer = await call(
    {
      ...place,
      path: '/upnp/control/basicevent1',
      headers: { 'Content-Type': 'text/xml; charset="utf-8"', SOAPACTION: actionHeader(action) },
      body: envelope(action, state),
    },
    deadline,
  )
  if (answer === closedPort) return closedPort
  return mapResult<{ status: number; body: Buffer }, string>(answer, ({ status, body }) =>
    status === 200 ? { ok: true, value: body.toString('utf8') } : whyStatus(place, status),
  )
}

/** 404 is what a web server says that has no such service; 500 is how a Wemo device fails a call. */
const whyStatus = ({ name, host }: WemoPlace, status: number): Result<never> =>
  status === 500
    ? refused(`${name} answered 500 to a call that every Wemo device knows: unplug it for ten seconds`, 'said-no')
    : refused(
        `${name} at ${host} answered ${status}, as no Wemo device does: set its address if it has changed`,
        'stranger',
      )
