import { createServer } from 'node:http'
import { fc, test } from '@fast-check/vitest'
import * as simulation from 'tplink-smarthome-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Findable, findableKasa, findableKlap, findableSonos, findableWemo } from '@homeslice/simulators'
import { macOf, merged, wordsOf } from './found.ts'
import { kasaSearches, readKasa } from './kasa.ts'
import { lookAround, lookInAll } from './look.ts'
import { isIn, networksOf } from './networks.ts'
import { described, readSsdp } from './ssdp.ts'

/** Everything on this machine hears a search: only what is ours counts. */
const lookFor = async (prefix: string) => {
  const { found, ...rest } = await lookAround(['lo'], 1500)
  return { ...rest, found: found.filter(({ address }) => address.startsWith(prefix)) }
}

describe('a look at the LAN', () => {
  let devices: Findable[] = []
  let endless: ReturnType<typeof createServer>
  let another: ReturnType<typeof createServer>
  beforeAll(async () => {
    another = createServer((_, response) => response.end('<roomName>Stolen</roomName>')).listen(8098, '127.0.10.6')
    endless = createServer((_, response) => response.end('x'.repeat(300_000))).listen(8099, '127.0.10.6')
    const told = (end: number, name: string, mac: string, model: string) => ({
      host: `127.0.10.${end}`,
      name,
      mac,
      model,
    })
    devices = await Promise.all([
      findableKasa(told(1, 'porch', '50:c7:bf:00:00:01', 'HS100(US)')),
      findableKlap(told(2, '', '50:c7:bf:00:00:02', 'EP10(US)')),
      findableWemo(told(3, 'Lamp <&> "1"', 'ec:1a:59:00:00:01', 'Socket')),
      findableSonos(told(4, 'Kitchen', '94:9f:3e:00:00:01', 'Sonos One')),
      findableSonos({ ...told(5, 'Liar', '94:9f:3e:00:00:02', 'One'), location: 'http://127.0.10.6:8098/' }),
      findableWemo({ ...told(6, 'Endless', 'ec:1a:59:00:00:02', 'Socket'), location: 'http://127.0.10.6:8099/' }),
      findableWemo({ ...told(7, 'Deaf', 'ec:1a:59:00:00:03', 'Socket'), location: 'http://127.0.10.7:9/' }),
    ])
  })
  afterAll(async () => {
    await Promise.all(devices.map((device) => device.stop()))
    endless.close()
    another.close()
  })

  it('finds each kind, with what it tells of itself', async () => {
    expect(await lookFor('127.0.10.')).toEqual({
      networks: [{ name: 'lo', address: '127.0.0.1', bits: 8, all: '127.255.255.255' }],
      blind: [],
      found: [
        {
          kind: 'kasa',
          address: '127.0.10.1',
          mac: '50:c7:bf:00:00:01',
          serial: '800650c7bf000001',
          name: 'porch',
          model: 'HS100(US)',
        },
        {
          kind: 'kasa',
          address: '127.0.10.2',
          mac: '50:c7:bf:00:00:02',
          serial: '802250c7bf000002',
          model: 'EP10(US)',
          speaks: 'klap',
        },
        {
          kind: 'sonos',
          address: '127.0.10.4',
          mac: '94:9f:3e:00:00:01',
          serial: '949F3E000001:1',
          name: 'Kitchen',
          model: 'Sonos One',
        },
        { kind: 'sonos', address: '127.0.10.5', mac: '94:9f:3e:00:00:02' },
        {
          kind: 'wemo',
          address: '127.0.10.3',
          mac: 'ec:1a:59:00:00:01',
          serial: 'EC1A59000001',
          name: 'Lamp <&> "1"',
          model: 'Socket',
        },
        { kind: 'wemo', address: '127.0.10.6', serial: 'EC1A59000002' },
        { kind: 'wemo', address: '127.0.10.7', serial: 'EC1A59000003' },
      ],
    })
  })

  it('finds a device of an independent simulator', async () => {
    const device = new simulation.Device({ model: 'hs110', address: '127.0.11.1', port: 9999, data: { alias: 'Desk' } })
    await device.start()
    await simulation.UdpServer.start()
    const { found } = await lookAround(['lo'], 1500)
    simulation.UdpServer.stop()
    await device.stop()
    expect(found).toContainEqual(expect.objectContaining({ kind: 'kasa', name: 'Desk', model: 'HS110(US)' }))
  })

  it.each([
    ['an address that went away', '192.0.2.99', '192.0.2.255', 'its address went away while it was searched'],
    ['an address for nobody', '127.0.0.1', '0.0.0.1', /EINVAL|ENETUNREACH|no broadcast or multicast leads there/u],
  ])('says that it could not look from %s', async (_, address, all, why) => {
    const network = { name: 'eth9', address, bits: 24, all }
    const { found, blind } = await lookInAll({ networks: [network], blind: [] }, 10)
    expect(found.filter((one) => !one.address.startsWith('127.'))).toEqual([])
    const match: unknown = expect.stringMatching(why)
    expect(blind).toContainEqual({ network: `eth9 (${address}/24)`, why: match })
  })

  it('says which interface there is not', async () => {
    expect(await lookAround(['wlan9'], 10)).toEqual({
      networks: [],
      found: [],
      blind: [{ network: 'wlan9', why: expect.stringMatching(/^this machine has no such interface: lo/u) as string }],
    })
  })
})

describe('networks', () => {
  const one = (address: string, cidr: string | null, internal = false, family = 'IPv4') => ({
    address,
    cidr,
    internal,
    family,
  })
  const interfaces = {
    lo: [one('127.0.0.1', '127.0.0.1/8', true)],
    eth0: [one('192.0.2.77', '192.0.2.77/26'), one('fe80::1', 'fe80::1/64', false, 'IPv6')],
    wg0: [one('198.51.100.2', '198.51.100.2/32')],
    odd0: [one('203.0.113.9', null)],
    gone: undefined,
  }
  it('are all but internal ones, and those to one other machine are told', () => {
    const why = 'it leads to one other machine and has no broadcast'
    expect(networksOf([], interfaces)).toEqual({
      networks: [{ name: 'eth0', address: '192.0.2.77', bits: 26, all: '192.0.2.127' }],
      blind: [
        { network: 'wg0 (198.51.100.2/32)', why },
        { network: 'odd0 (203.0.113.9/32)', why },
      ],
    })
  })

  it.each([
    ['192.0.2.64', true],
    ['192.0.2.127', true],
    ['192.0.2.128', false],
    ['192.0.2.63', false],
    ['lamp.casa.test', false],
  ])('tell whether %s is in them: %s', (address, inside) => {
    expect(isIn({ address: '192.0.2.77', bits: 26 }, address)).toBe(inside)
  })
})

describe('what devices answer', () => {
  const ssdp = (lines: string) => readSsdp('192.0.2.9', Buffer.from(lines.replaceAll('\n', '\r\n')))
  const zone = 'ST: urn:schemas-upnp-org:device:ZonePlayer:1'
  it.each([
    ['a router', 'HTTP/1.1 200 OK\nST: upnp:rootdevice\nUSN: uuid:1\n\n', undefined],
    ['an error', `HTTP/1.1 500 No\n${zone}\n\n`, undefined],
    ['another search', `M-SEARCH * HTTP/1.1\n${zone}\n\n`, undefined],
    ['nothing more', `HTTP/1.1 200 OK\n${zone}\n\n`, { found: { kind: 'sonos', address: '192.0.2.9' } }],
    [
      'headers in other cases',
      `HTTP/1.1 200 OK\nst:${zone.slice(3)}\nlocation:http://192.0.2.9:1400/xml\nUsn:uuid:RINCON_949F3E00000201400::x\n\n`,
      {
        found: { kind: 'sonos', address: '192.0.2.9', mac: '94:9f:3e:00:00:02' },
        description: 'http://192.0.2.9:1400/xml',
      },
    ],
    ['a file as its place', `HTTP/1.1 200 OK\n${zone}\nLOCATION: file:///etc/passwd\n\n`, { found: expect.anything() }],
  ])('%s', (_, lines, value) => {
    expect(ssdp(lines)).toEqual(value)
  })

  it('in words for the ears of a terminal loses what a terminal obeys', () => {
    expect(wordsOf(' a\u001b[31mb\u202e\n')).toBe('a [31mb')
    expect([wordsOf('\n'), wordsOf(7), wordsOf('x'.repeat(99))?.length]).toEqual([undefined, undefined, 80])
  })

  it.each([
    ['50-C7-BF-00-00-01', '50:c7:bf:00:00:01'],
    ['50C7BF000001', '50:c7:bf:00:00:01'],
    ['50:c7:bf', undefined],
    [7, undefined],
  ])('as its mac %j is %s', (value, mac) => {
    expect(macOf(value)).toBe(mac)
  })

  it('twice is one device with all that it told', () => {
    const seen = { kind: 'kasa', address: '192.0.2.9' } as const
    expect(
      merged([
        { ...seen, name: 'a' },
        { ...seen, name: 'b', speaks: 'klap' },
      ]),
    ).toEqual([{ ...seen, name: 'a', speaks: 'klap' }])
  })

  it('to a legacy search holds what a bulb calls otherwise', () => {
    const veil = (value: object) => {
      let key = 0xab
      return Buffer.from(JSON.stringify(value)).map((byte) => (key ^= byte)) as Buffer
    }
    const info = { model: 'LB100(US)', mic_mac: '50C7BF000009', dev_name: 'Bulb' }
    expect(readKasa('192.0.2.9', veil({ system: { get_sysinfo: info } }))).toEqual({
      kind: 'kasa',
      address: '192.0.2.9',
      mac: '50:c7:bf:00:00:09',
      name: 'Bulb',
      model: 'LB100(US)',
    })
    expect(readKasa('192.0.2.9', veil({ system: 1 }))).toBeUndefined()
    expect(readKasa('192.0.2.9', kasaSearches[1]!.bytes)).toBeUndefined()
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('of any bytes never throws', (bytes) => {
    expect(readKasa('192.0.2.9', Buffer.from(bytes))).toBeUndefined()
    readKasa('192.0.2.9', Buffer.concat([Buffer.alloc(16, 2), Buffer.from(bytes)]))
    readSsdp('192.0.2.9', Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${zone}\r\n`), Buffer.from(bytes)]))
  })

  test.prop([fc.jsonValue()])('of any JSON never throws', (value) => {
    const body = Buffer.from(JSON.stringify({ result: value }))
    readKasa('192.0.2.9', Buffer.concat([Buffer.alloc(16, 2), body]))
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 500 })])('as a description never throws', (xml) => {
    const found = { kind: 'wemo', address: '192.0.2.9' } as const
    expect(described(found, `<roomName>${xml}`)).toMatchObject(found)
  })
})
