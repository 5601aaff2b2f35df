import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A device that answers searches, and nothing else. */
export type Findable = { readonly stop: () => Promise<void> }

/** What it tells of itself. */
export type Told = {
  readonly host: string
  readonly name: string
  /** Six pairs of hex digits with colons. */
  readonly mac: string
  readonly model: string
  /** Sends searchers to this URL for its description, as a liar would. @default its own */
  readonly location?: string
}

type Heard = (bytes: Buffer) => Buffer | undefined

/** Listens for searches on a port, and answers from the address of the device. */
const answering = async (host: string, port: number, heard: Heard, group?: string): Promise<Findable> => {
  const ear = createSocket({ type: 'udp4', reuseAddr: true })
  const mouth = createSocket({ type: 'udp4', reuseAddr: true })
  // One hears what is meant for all, the other what is meant for the device; answers come from its own address and port.
  for (const socket of [ear, mouth]) {
    socket.on('message', (bytes, from) => {
      const answer = heard(bytes)
      if (answer !== undefined) mouth.send(answer, from.port, from.address)
    })
  }
  await Promise.all([bound(ear, port), bound(mouth, port, host)])
  if (group !== undefined) ear.addMembership(group, host)
  return {
    stop: async () => {
      await Promise.all(
        [ear, mouth].map((socket) => {
          const closed = once(socket, 'close')
          socket.close()
          return closed
        }),
      )
    },
  }
}

const bound = (socket: Socket, port: number, host?: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, resolve)
  })

const veil = (text: string): Buffer => {
  let key = 171
  return Buffer.from(text).map((byte) => (key ^= byte)) as Buffer
}

/** An older Kasa device: answers a veiled `get_sysinfo` on UDP 9999. */
export const findableKasa = ({ host, name, mac, model }: Told): Promise<Findable> => {
  const asked = veil('{"system":{"get_sysinfo":{}}}')
  const info = {
    err_code: 0,
    alias: name,
    mac: mac.toUpperCase(),
    model,
    deviceId: `8006${mac.replaceAll(':', '')}`,
    hw_ver: '2.1',
    sw_ver: '1.5.10 Build 191125 Rel.094314',
    type: 'IOT.SMARTPLUGSWITCH',
    feature: 'TIM',
    relay_state: 0,
  }
  const answer = veil(JSON.stringify({ system: { get_sysinfo: info } }))
  return answering(host, 9999, (bytes) => (bytes.equals(asked) ? answer : undefined))
}

/** A newer Kasa device: answers on UDP 20002, and wants KLAP for all else. */
export const findableKlap = ({ host, mac, model }: Told): Promise<Findable> => {
  const result = {
    device_id: `8022${mac.replaceAll(':', '')}`,
    owner: '0'.repeat(32),
    device_type: 'IOT.SMARTPLUGSWITCH',
    device_model: model,
    ip: host,
    mac: mac.replaceAll(':', '-').toUpperCase(),
    is_support_iot_cloud: true,
    obd_src: 'tplink',
    factory_default: false,
    mgt_encrypt_schm: { is_support_https: false, encrypt_type: 'KLAP', http_port: 80, lv: 2 },
  }
  const answer = Buffer.concat([Buffer.alloc(16, 2), Buffer.from(JSON.stringify({ result, error_code: 0 }))])
  return answering(host, 20_002, (bytes) => (bytes[0] === 2 && bytes.length >= 16 ? answer : undefined))
}

const group = '239.255.255.250'

type Upnp = { readonly target: string; readonly unique: string; readonly path: string; readonly xml: string }

/** Answers searches for its own kind alone, and describes itself by HTTP. */
const findableUpnp = async ({ host, location }: Told, { target, unique, path, xml }: Upnp): Promise<Findable> => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === path ? 200 : 404, { 'Content-Type': 'text/xml' }).end(xml)
  }).listen(0, host)
  await once(server, 'listening')
  const own = `http://${host}:${(server.address() as AddressInfo).port}${path}`
  const answer = Buffer.from(
    [
      'HTTP/1.1 200 OK',
      'CACHE-CONTROL: max-age=1800',
      'EXT:',
      `LOCATION: ${location ?? own}`,
      'SERVER: Linux UPnP/1.0',
      `ST: ${target}`,
      `USN: uuid:${unique}::${target}`,
      '',
      '',
    ].join('\r\n'),
  )
  const heard: Heard = (bytes) => {
    const text = bytes.toString()
    return text.startsWith('M-SEARCH * HTTP/1.1\r\n') && text.includes(`\r\nST: ${target}\r\n`) ? answer : undefined
  }
  const answerer = await answering(host, 1900, heard, group)
  return {
    stop: async () => {
      server.closeAllConnections()
      await Promise.all([answerer.stop(), new Promise((resolve) => server.close(resolve))])
    },
  }
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A Wemo socket that is searched for. */
export const findableWemo = (told: Told): Promise<Findable> => {
  const serial = told.mac.replaceAll(':', '').toUpperCase()
  return findableUpnp(told, {
    target: 'urn:Belkin:service:basicevent:1',
    unique: `Socket-1_0-${serial}`,
    path: '/setup.xml',
    xml: `<root><device><friendlyName>${escape(told.name)}</friendlyName><modelName>${told.model}</modelName><serialNumber>${serial}</serialNumber><macAddress>${serial}</macAddress></device></root>`,
  })
}

/** A Sonos player that is searched for. */
export const findableSonos = (told: Told): Promise<Findable> => {
  const digits = told.mac.replaceAll(':', '').toUpperCase()
  return findableUpnp(told, {
    target: 'urn:schemas-upnp-org:device:ZonePlayer:1',
    unique: `RINCON_${digits}01400`,
    path: '/xml/device_description.xml',
    xml: `<root><device><friendlyName>${told.host} - ${told.model}</friendlyName><modelName>${told.model}</modelName><serialNum>${digits}:1</serialNum><roomName>${escape(told.name)}</roomName></device></root>`,
  })
}
