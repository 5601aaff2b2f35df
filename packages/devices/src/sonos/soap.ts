import { refused, type Result } from '../switch.ts'
import { child, descendant, escapeXml, parseXml } from './xml.ts'

/** The services of a speaker that we use, and where they are. */
const paths = {
  AVTransport: '/MediaRenderer/AVTransport/Control',
  RenderingControl: '/MediaRenderer/RenderingControl/Control',
  ContentDirectory: '/MediaServer/ContentDirectory/Control',
  ZoneGroupTopology: '/ZoneGroupTopology/Control',
} as const

/** One action of one service, with its arguments in the order that the device expects. */
export type Action = {
  readonly service: keyof typeof paths
  readonly action: string
  readonly args?: Readonly<Record<string, string | number>>
}

/** Where the service of an action is. */
export const pathOf = ({ service }: Action): string => paths[service]

const typeOf = ({ service }: Action): string => `urn:schemas-upnp-org:service:${service}:1`

/** The header that names an action, quotes and all. */
export const actionHeader = (action: Action): string => `"${typeOf(action)}#${action.action}"`

/** The envelope of a call. */
export const envelope = (action: Action): string => {
  const args = Object.entries(action.args ?? {}).map(
    ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
  )
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"',
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>',
    `<u:${action.action} xmlns:u="${typeOf(action)}">${args.join('')}</u:${action.action}>`,
    '</s:Body></s:Envelope>',
  ].join('')
}

/** What an action gave back, by name. */
export type Reply = ReadonlyMap<string, string>

/** Reads the answer to an action. */
export const parseReply = (name: string, { action }: Action, body: string): Result<Reply> => {
  const reply = child(child(parseXml(body), 'Body'), `${action}Response`)
  if (reply === undefined) return refused(`${name} answered ${action} with something else`)
  return { ok: true, value: new Map(reply.children.map((one) => [one.name, one.text])) }
}

/** What the codes mean to the person who runs the house. */
const meanings: Readonly<Record<string, string>> = {
  '402': 'it did not like what it was told',
  '701': 'it cannot do that in its present state',
  '711': 'there is no such track or time',
  '714': 'it knows no such music; is the music service linked in the Sonos app?',
  '800': 'it cannot do that; is it the coordinator of its group, and is the music still offered?',
}

/** Why an action was refused, from the answer that says so. */
export const parseFault = (
  name: string,
  { action }: Action,
  { status, body }: { status: number; body: string },
): Result<never> => {
  const code = descendant(parseXml(body), 'errorCode')?.text.trim() ?? ''
  if (!/^\d{1,5}$/u.test(code)) return refused(`${name} answered ${status} to ${action}`)
  const meaning = meanings[code]
  return refused(`${name} refused ${action} with UPnP error ${code}${meaning === undefined ? '' : `: ${meaning}`}`)
}
