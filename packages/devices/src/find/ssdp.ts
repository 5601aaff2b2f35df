import { type Found, known, macOf, wordsOf } from './found.ts'

/** Where devices listen for searches of UPnP. */
export const ssdpGroup = { address: '239.255.255.250', port: 1900 } as const

/** What each kind calls itself when it is searched for. */
const targets = {
  wemo: 'urn:Belkin:service:basicevent:1',
  sonos: 'urn:schemas-upnp-org:device:ZonePlayer:1',
} as const

/** A search for each kind. */
export const ssdpSearches: readonly Buffer[] = Object.values(targets).map((target) =>
  Buffer.from(
    [
      'M-SEARCH * HTTP/1.1',
      `HOST: ${ssdpGroup.address}:${ssdpGroup.port}`,
      'MAN: "ssdp:discover"',
      'MX: 1',
      `ST: ${target}`,
      '',
      '',
    ].join('\r\n'),
  ),
)

/** A device that answered a search, and where it describes itself. */
export type Announced = { readonly found: Found; readonly description?: string }

/** Reads an answer; nothing for those of other things, which all live on the same group. */
export const readSsdp = (address: string, bytes: Buffer): Announced | undefined => {
  const [first = '', ...lines] = bytes.toString('utf8').split('\r\n')
  if (!/^HTTP\/1\.[01] 200/u.test(first)) return undefined
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const asked = Object.entries(targets).find(([, target]) => target === headers.get('st'))
  if (asked === undefined) return undefined
  const [kind] = asked as [keyof typeof targets, string]
  const unique = headers.get('usn') ?? ''
  const found: Found = {
    kind,
    address,
    ...known({
      mac: macOf(/^uuid:RINCON_([0-9A-Fa-f]{12})/u.exec(unique)?.[1]),
      serial: wordsOf(/^uuid:Socket-1_0-(\w+)/u.exec(unique)?.[1]),
    }),
  }
  return { found, ...known({ description: ownUrl(headers.get('location'), address) }) }
}

/** A device may only send us to itself: anybody on the LAN can answer a search. */
const ownUrl = (location: string | undefined, address: string): string | undefined => {
  const url = URL.parse(location ?? '')
  return url?.protocol === 'http:' && url.hostname === address ? url.href : undefined
}

/** Adds what a description tells to what is known of its device. */
export const described = (found: Found, xml: string): Found => ({
  ...known({
    mac: macOf(element(xml, 'macAddress')) ?? macOf(element(xml, 'MACAddress')),
    serial: wordsOf(element(xml, 'serialNumber') ?? element(xml, 'serialNum')),
    name: wordsOf(element(xml, 'roomName')) ?? wordsOf(element(xml, 'friendlyName')),
    model: wordsOf(element(xml, 'modelName')),
  }),
  ...found,
})

/** The text of the first such element. By searching, not by a pattern: an answer must not be able to make it slow. */
const element = (xml: string, name: string): string | undefined => {
  const [open, close] = [`<${name}>`, `</${name}>`]
  const start = xml.indexOf(open)
  const end = start < 0 ? -1 : xml.indexOf(close, start)
  return end < 0 ? undefined : plain(xml.slice(start + open.length, end))
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

const plain = (text: string): string =>
  text.replaceAll(/&(lt|gt|quot|apos|amp);/gu, (whole, name: string) => entities[name] ?? whole)
