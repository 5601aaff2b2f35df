import { post } from '../../call.ts'
import { closedPort } from '../../connect.ts'
import { at } from '../json.ts'
import { refused, type Result } from '../../switch.ts'
import { parsed } from '../parsed.ts'
import { type KasaPlace, klapPort } from '../place.ts'

const setting = '"Third-Party Compatibility" in the Tapo app (Me, Third-Party Services)'

/** Why a device forbids KLAP: it speaks only TPAP by now, or its setting for others is off. */
export const forbidden = async (
  { name, host, klapPort: port = klapPort }: KasaPlace,
  deadline: AbortSignal,
): Promise<Result<never>> => {
  const body = JSON.stringify({ method: 'login', params: { sub_method: 'discover' } })
  const headers = { 'Content-Type': 'application/json' }
  const answer = await post({ name, host, port, path: '/', headers, body }, deadline)
  const said = answer !== closedPort && answer.ok ? parsed(name, answer.value.body.toString('utf8')) : undefined
  return said?.ok === true && typeof at(said.value, 'result', 'tpap') === 'object'
    ? refused(
        `${name} speaks only TPAP, which Homeslice does not: turn on ${setting}, and off and on again where it is on already`,
        'protocol',
      )
    : refused(
        `${name} forbids local control with 403: turn on ${setting}, and off and on again after each update of its firmware`,
        'local-control-off',
      )
}
