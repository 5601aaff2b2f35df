import { once } from 'node:events'
import { connect } from 'node:net'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '@homeslice/testing'
import { type SonosSimulator, startSonos } from './start.ts'

const host = '127.0.12.5'
let speaker: SonosSimulator
beforeAll(async () => {
  speaker = await startSonos({ name: 'Den', host })
})
afterAll(() => speaker.stop())

type Call = { readonly action?: string; readonly args?: string; readonly method?: string; readonly path?: string }

const call = async ({ action = 'AVTransport:1#GetTransportInfo', args = '', method = 'POST', path }: Call = {}) => {
  const service = action.split(':')[0] ?? ''
  const outgoing = request({
    host,
    port: 1400,
    agent: false,
    method,
    path: path ?? `/MediaRenderer/${service}/Control`,
    headers: { SOAPACTION: `"urn:schemas-upnp-org:service:${action}"` },
  })
  outgoing.end(method === 'GET' ? '' : `<InstanceID>0</InstanceID>${args}`)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode as number, body: await text(response) }
}
const failsWith = (code: number) => ({
  status: 500,
  body: expect.stringContaining(`<errorCode>${code}</errorCode>`) as string,
})

describe('a simulated speaker', () => {
  it.each<[string, Call, number]>([
    ['an action that it has not', { action: 'AVTransport:1#Explode' }, 401],
    ['an action that every object has', { action: 'AVTransport:1#constructor' }, 401],
    ['another instance', { args: '<InstanceID>1</InstanceID>' }, 718],
    ['to play nothing', { action: 'AVTransport:1#Play' }, 701],
    ['to stop nothing', { action: 'AVTransport:1#Stop' }, 701],
    ['a track that is none', { action: 'AVTransport:1#Seek', args: '<Unit>TRACK_NR</Unit><Target>9</Target>' }, 711],
    ['a time of nothing', { action: 'AVTransport:1#Seek', args: '<Unit>REL_TIME</Unit><Target>0:00:01</Target>' }, 711],
    ['a time that is none', { action: 'AVTransport:1#Seek', args: '<Unit>REL_TIME</Unit><Target>soon</Target>' }, 711],
    ['what comes after the last', { action: 'AVTransport:1#Next' }, 711],
    ['a mode that is none', { action: 'AVTransport:1#SetPlayMode', args: '<NewPlayMode>LOUD</NewPlayMode>' }, 712],
    [
      'a playlist without an id',
      {
        action: 'AVTransport:1#AddURIToQueue',
        args: '<EnqueuedURI>x-rincon-cpcontainer:1006206cplaylist%3a</EnqueuedURI>',
      },
      800,
    ],
    ['nothing', { action: 'AVTransport:1#AddURIToQueue' }, 800],
    ['what is neither on nor off', { action: 'RenderingControl:1#SetMute', args: '<DesiredMute>x</DesiredMute>' }, 402],
    [
      'another list than its queue',
      {
        action: 'ContentDirectory:1#Browse',
        path: '/MediaServer/ContentDirectory/Control',
        args: '<ObjectID>A:ALBUMS</ObjectID>',
      },
      701,
    ],
  ])('asked for %s says which error that is', async (_, asked, code) => {
    expect(await call(asked)).toEqual(failsWith(code))
  })

  it('has nothing elsewhere', async () => {
    expect((await call({ path: '/' })).status).toBe(404)
    expect((await call({ method: 'GET', path: '/' })).status).toBe(404)
  })

  it('that listens everywhere tells the address where it was found', async () => {
    const port = await freePort()
    const everywhere = await startSonos({ name: 'Attic', port })
    onTestFinished(() => everywhere.stop())
    const answer = await fetch(`http://127.0.12.6:${port}/ZoneGroupTopology/Control`, {
      method: 'POST',
      headers: { SOAPACTION: '"urn:schemas-upnp-org:service:ZoneGroupTopology:1#GetZoneGroupState"' },
    })
    expect(await answer.text()).toContain(`Location=&quot;http://127.0.12.6:${port}/xml/device_description.xml&quot;`)
  })

  it('with a fixed output keeps its volume', async () => {
    speaker.set({ fixed: true, volume: 100 })
    await call({ action: 'RenderingControl:1#SetVolume', args: '<DesiredVolume>5</DesiredVolume>' })
    expect(speaker.state().volume).toBe(100)
    speaker.set({ fixed: false })
  })

  it('stays in a group that it is in already, and alone when it joins itself', async () => {
    const join = (uid: string) =>
      call({ action: 'AVTransport:1#SetAVTransportURI', args: `<CurrentURI>x-rincon:${uid}</CurrentURI>` })
    await join(speaker.uid)
    expect(speaker.state().coordinator).toBe(speaker.uid)
    await join('RINCON_ELSEWHERE')
    await join('RINCON_ELSEWHERE')
    expect(speaker.state()).toMatchObject({ coordinator: 'RINCON_ELSEWHERE', uri: 'x-rincon:RINCON_ELSEWHERE' })
    speaker.set({ coordinator: speaker.uid, uri: '' })
  })

  it('is turned on and off from the side: a station where nothing is loaded', () => {
    speaker.setOn(true)
    expect(speaker.state()).toMatchObject({ on: true, uri: expect.stringMatching(/^x-rincon-mp3radio:/u) as string })
    speaker.setOn(false)
    speaker.setOn(true)
    expect(speaker.state().on).toBe(true)
    speaker.setOn(false)
    expect(speaker.state().on).toBe(false)
  })

  it('plays one track again and again, or to the end of its queue, or stops at one without length', () => {
    const song = { uri: 'x', title: '', artist: '', album: '', seconds: 0.001 }
    const play = (playMode: string, seconds: number) => {
      const queue = [
        { ...song, seconds },
        { ...song, seconds },
      ]
      speaker.set({ uri: 'x-rincon-queue:x#0', queue, track: 1, seconds: 0, playMode, doing: 'PLAYING' })
      speaker.set({ since: performance.now() - 1000 })
      return speaker.state()
    }
    expect(play('REPEAT_ONE', 0.4)).toMatchObject({ doing: 'PLAYING', track: 1 })
    expect(play('NORMAL', 0.4)).toMatchObject({ doing: 'STOPPED', track: 1 })
    expect(play('NORMAL', 0)).toMatchObject({ doing: 'STOPPED', seconds: 0 })
    speaker.set({ uri: '', queue: [], track: 0, playMode: 'NORMAL' })
  })
})

describe('a simulated speaker that fails', () => {
  it.each<[string, { readonly status: number; readonly body: unknown }]>([
    ['error', failsWith(501)],
    ['forbidden', { status: 403, body: '' }],
    ['garbage', { status: 200, body: '<html>what?</html>' }],
    ['huge', { status: 200, body: expect.stringMatching(/^x{4194304}$/u) }],
    ['slow', { status: 200, body: expect.stringContaining('STOPPED') }],
  ])('%s', async (fault, answer) => {
    await speaker.setFault(fault as 'error')
    const said = await call()
    await speaker.setFault('none')
    expect(said).toEqual(answer)
  })

  it('stuck: says yes and does nothing', async () => {
    await speaker.setFault('stuck')
    const set = { action: 'RenderingControl:1#SetVolume', args: '<DesiredVolume>77</DesiredVolume>' }
    expect((await call(set)).status).toBe(200)
    expect(speaker.state().volume).not.toBe(77)
    await speaker.setFault('none')
  })

  it.each(['vanish', 'refuse'] as const)('%s: breaks off', async (fault) => {
    await speaker.setFault(fault)
    await expect(call()).rejects.toThrow(/aborted|ECONNREFUSED|ECONNRESET/u)
    await speaker.setFault('none')
  })

  it.each(['silent', 'dribble'] as const)('%s: never comes to an end', async (fault) => {
    await speaker.setFault(fault)
    const socket = connect(1400, host)
    socket.on('error', () => undefined).write('GET /xml/device_description.xml HTTP/1.1\r\nHost: h\r\n\r\n')
    let said = 0
    socket.on('data', (some) => (said += some.length))
    await expect
      .poll(() => speaker.state().calls > 0 && (fault === 'silent' || said > 0), { timeout: 10_000 })
      .toBe(true)
    expect(socket.closed).toBe(false)
    socket.destroy()
    await speaker.setFault('none')
  })

  it('survives one who breaks off in the middle of a call', async () => {
    const before = speaker.state().calls
    const socket = connect(1400, host)
    socket.on('error', () => undefined)
    socket.write('POST /MediaRenderer/AVTransport/Control HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n<s:E')
    await expect.poll(() => speaker.state().calls, { timeout: 10_000 }).toBe(before + 1)
    socket.resetAndDestroy()
    expect((await call()).status).toBe(200)
  })
})
