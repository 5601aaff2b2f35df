import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Player } from './player.ts'
import { sonosPlayer } from './sonos/client.ts'

const host = '127.0.12.21'
const soon = (): AbortSignal => AbortSignal.timeout(10_000)

const speaking = async (answer: RequestListener): Promise<Player> => {
  const server = createServer((request, response) => {
    request.resume()
    answer(request, response)
  }).listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return sonosPlayer({ name: 'x', host, port: (server.address() as AddressInfo).port })
}
/** Answers each action with these values; one that is missing ends in error 501. */
const replying =
  (replies: Readonly<Record<string, Readonly<Record<string, string>>>>): RequestListener =>
  ({ headers, url }, response) => {
    const action = /#(\w+)"$/u.exec(String(headers.soapaction))?.[1] ?? String(url)
    const values = replies[action]
    const inside = Object.entries(values ?? {}).map(([name, value]) => `<${name}>${value}</${name}>`)
    if (values === undefined) response.writeHead(500).end('<a><errorCode>501</errorCode></a>')
    else
      response.end(
        `<s:Envelope><s:Body><u:${action}Response>${inside.join('')}</u:${action}Response></s:Body></s:Envelope>`,
      )
  }
const refused = (reason: string | RegExp) => ({
  ok: false,
  kind: 'refused',
  reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
})
const tone = { GetBass: { CurrentBass: '1' }, GetTreble: { CurrentTreble: '2' }, GetLoudness: { CurrentLoudness: '1' } }

describe('a speaker that answers', () => {
  it.each<[string, (player: Player) => Promise<unknown>, Parameters<typeof replying>[0], string]>([
    ['no volume', (x) => x.volume(soon()), { GetVolume: {} }, 'x answered without CurrentVolume'],
    [
      'a volume that is none',
      (x) => x.volume(soon()),
      { GetVolume: { CurrentVolume: 'loud' } },
      'x answered a CurrentVolume that is none',
    ],
    ['no mute', (x) => x.muted(soon()), { GetMute: {} }, 'x answered without CurrentMute'],
    ['no bass', (x) => x.tone(soon()), { ...tone, GetBass: {} }, 'x answered without CurrentBass'],
    ['no treble', (x) => x.tone(soon()), { ...tone, GetTreble: {} }, 'x answered without CurrentTreble'],
    ['no loudness', (x) => x.tone(soon()), { ...tone, GetLoudness: {} }, 'x answered without CurrentLoudness'],
    ['no address', (x) => x.media(soon()), { GetMediaInfo: {} }, 'x answered without CurrentURI'],
    ['no track', (x) => x.position(soon()), { GetPositionInfo: { RelTime: '0:00:01' } }, 'x answered without Track'],
    ['no queue', (x) => x.queue(soon()), { Browse: { Result: '&lt;html/&gt;' } }, 'x answered a queue that is none'],
    ['an error', (x) => x.transport(soon()), {}, 'x refused GetTransportInfo with UPnP error 501'],
  ])('%s is refused', async (_, ask, replies, reason) => {
    expect(await ask(await speaking(replying(replies)))).toEqual(refused(reason))
  })

  it('without what may be missing is understood', async () => {
    const player = await speaking(
      replying({
        GetMediaInfo: { CurrentURI: 'a' },
        GetPositionInfo: { Track: '1' },
        GetMute: { CurrentMute: 'TRUE' },
      }),
    )
    expect(await player.media(soon())).toEqual({ ok: true, value: { uri: 'a', metadata: '', title: undefined } })
    expect(await player.position(soon())).toEqual({ ok: true, value: { track: 1, time: '' } })
    expect(await player.muted(soon())).toEqual({ ok: true, value: true })
  })

  it('for groups that it is not in is refused', async () => {
    const player = await speaking((request, response) => {
      if (request.method === 'GET') response.end('<root><device><UDN>uuid:RINCON_1</UDN></device></root>')
      else replying({ GetZoneGroupState: { ZoneGroupState: '&lt;ZoneGroups/&gt;' } })(request, response)
    })
    expect(await player.group(soon())).toEqual(refused('x does not tell which group it is in'))
    const mute = await speaking((request, response) => {
      if (request.method === 'GET') response.end('<root><device><UDN>uuid:RINCON_1</UDN></device></root>')
      else replying({})(request, response)
    })
    expect(await mute.group(soon())).toEqual(refused(/GetZoneGroupState with UPnP error 501/u))
  })

  it.each<[string, RequestListener, RegExp]>([
    ['with a status of its own', (_, response) => response.writeHead(503).end(), /^x answered 503 to Play$/u],
    ['with no HTTP', ({ socket }) => socket.end('0\r\n\r\n'), /^x at 127\.0\.12\.21:\d+: Parse Error/u],
    ['by hanging up', ({ socket }) => socket.end(), /^x at .*socket hang up$/u],
    [
      'with half a body',
      ({ socket }, response) => response.writeHead(200, { 'Content-Length': 99 }).write('<', () => socket.end()),
      /^x broke off: /u,
    ],
  ])('%s is refused', async (_, answer, reason) => {
    expect(await (await speaking(answer)).play(soon())).toEqual(refused(reason))
  })
})
