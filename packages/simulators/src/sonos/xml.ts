/** Text as XML wants it. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const unescape = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')

/** Arguments of a call by name. */
export type Args = Readonly<Record<string, string>>

/** The arguments in an envelope: elements that hold text only. */
export const argsIn = (envelope: string): Args =>
  Object.fromEntries(
    [...envelope.matchAll(/<(\w+)>([^<]*)<\/\1>/gu)].map(([, name = '', value = '']) => [name, unescape(value)]),
  )

const around = (body: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>${body}</s:Body></s:Envelope>`

/** The answer to an action that worked. */
export const answer = (service: string, action: string, values: Readonly<Record<string, string | number>>): string => {
  const inside = Object.entries(values).map(([name, value]) => `<${name}>${escape(String(value))}</${name}>`)
  return around(
    `<u:${action}Response xmlns:u="urn:schemas-upnp-org:service:${service}:1">${inside.join('')}</u:${action}Response>`,
  )
}

/** The answer to one that did not. */
export const fault = (code: number): string =>
  around(
    `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode></UPnPError></detail></s:Fault>`,
  )

const didl = (inside: string): string =>
  `<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/" xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">${inside}</DIDL-Lite>`

type Listed = {
  readonly uri: string
  readonly title: string
  readonly artist: string
  readonly album: string
  readonly seconds: number
}

const item = ({ uri, title, artist, album, seconds }: Listed, id: string): string =>
  `<item id="${escape(id)}" parentID="Q:0" restricted="true"><res protocolInfo="sonos.com-http:*:audio/mp4:*" duration="${clockTime(seconds)}">${escape(uri)}</res><dc:title>${escape(title)}</dc:title><upnp:class>object.item.audioItem.musicTrack</upnp:class><dc:creator>${escape(artist)}</dc:creator><upnp:album>${escape(album)}</upnp:album></item>`

/** Tracks as a page of a queue that begins at this place. */
export const listed = (songs: readonly Listed[], start: number): string =>
  didl(songs.map((song, index) => item(song, `Q:0/${start + index + 1}`)).join(''))

/** Seconds as `0:03:01`. */
export const clockTime = (seconds: number): string => {
  const whole = Math.floor(seconds)
  const two = (value: number): string => String(value % 60).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60))}:${two(whole)}`
}

type Described = { readonly uid: string; readonly name: string; readonly serial: string }

const service = (name: string, control: string): string =>
  `<service><serviceType>urn:schemas-upnp-org:service:${name}:1</serviceType><serviceId>urn:upnp-org:serviceId:${name}</serviceId><controlURL>${control}</controlURL><eventSubURL>${control.replace('Control', 'Event')}</eventSubURL><SCPDURL>/xml/${name}1.xml</SCPDURL></service>`

/** What a speaker says that it is. */
export const description = ({ uid, name, serial }: Described): string => `<?xml version="1.0" encoding="utf-8" ?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType><friendlyName>${escape(name)} - Sonos One - ${uid}</friendlyName>
<manufacturer>Sonos, Inc.</manufacturer><manufacturerURL>http://www.sonos.com</manufacturerURL><modelNumber>S18</modelNumber>
<modelDescription>Sonos One</modelDescription><modelName>Sonos One</modelName><modelURL>http://www.sonos.com/products/zoneplayers/S18</modelURL>
<softwareVersion>79.1-55030</softwareVersion><swGen>2</swGen><hardwareVersion>1.26.1.7-2.1</hardwareVersion><serialNum>${serial}</serialNum>
<MACAddress>${serial}</MACAddress><UDN>uuid:${uid}</UDN><minCompatibleVersion>78.0-00000</minCompatibleVersion><roomName>${escape(name)}</roomName>
<displayName>One</displayName><zoneType>18</zoneType><iconList><icon><id>0</id><mimetype>image/png</mimetype><width>48</width><height>48</height><depth>24</depth><url>/img/icon-S18.png</url></icon></iconList><serviceList>
${service('DeviceProperties', '/DeviceProperties/Control')}${service('ZoneGroupTopology', '/ZoneGroupTopology/Control')}</serviceList><deviceList>
<device><deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType><UDN>uuid:${uid}_MS</UDN><serviceList>
${service('ContentDirectory', '/MediaServer/ContentDirectory/Control')}</serviceList></device>
<device><deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType><UDN>uuid:${uid}_MR</UDN><serviceList>
${service('RenderingControl', '/MediaRenderer/RenderingControl/Control')}${service('AVTransport', '/MediaRenderer/AVTransport/Control')}</serviceList></device>
</deviceList></device></root>`
