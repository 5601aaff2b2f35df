import { createRequire } from 'node:module'
import { SonosDevice } from '@svrooij/sonos'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SonosHousehold, type SonosSimulator, startSonosHousehold } from './start.ts'

/** The other client came before types did. */
type Other = {
  readonly getVolume: () => Promise<number>
  readonly setVolume: (volume: number) => Promise<unknown>
  readonly getMuted: () => Promise<boolean>
  readonly setMuted: (muted: boolean) => Promise<unknown>
  readonly play: (uri?: string) => Promise<unknown>
  readonly pause: () => Promise<unknown>
  readonly stop: () => Promise<unknown>
  readonly next: () => Promise<unknown>
  readonly seek: (seconds: number) => Promise<unknown>
  readonly selectQueue: () => Promise<unknown>
  readonly flush: () => Promise<unknown>
  readonly queue: (uri: string) => Promise<unknown>
  readonly getQueue: () => Promise<{ readonly total: string; readonly items: { readonly title: string }[] }>
  readonly setPlayMode: (mode: string) => Promise<unknown>
  readonly getPlayMode: () => Promise<string>
  readonly getCurrentState: () => Promise<string>
  readonly currentTrack: () => Promise<{ readonly title: string; readonly position: number }>
  readonly joinGroup: (name: string) => Promise<unknown>
  readonly leaveGroup: () => Promise<unknown>
  readonly getAllGroups: () => Promise<{ readonly Name: string }[]>
  readonly deviceDescription: () => Promise<{ readonly UDN: string; readonly roomName: string }>
}
const { Sonos } = createRequire(import.meta.url)('sonos') as { Sonos: new (host: string) => Other }

const hosts = { kitchen: '127.0.12.1', living: '127.0.12.2' } as const
const playlist = 'x-rincon-cpcontainer:1006206cplaylist%3apl.one'
let time = 0
let household: SonosHousehold
let kitchen: SonosSimulator
let living: SonosSimulator
beforeAll(async () => {
  household = await startSonosHousehold(
    [
      { name: 'Kitchen & Bar', host: hosts.kitchen },
      { name: 'Living', host: hosts.living },
    ],
    () => time,
  )
  ;[kitchen, living] = household.speakers as [SonosSimulator, SonosSimulator]
})
afterAll(() => household.stop())
beforeEach(() => {
  for (const one of household.speakers)
    one.set({ coordinator: one.uid, uri: '', metadata: '', queue: [], track: 0, doing: 'STOPPED', playMode: 'NORMAL' })
})

describe('a simulated speaker, driven by @svrooij/sonos', () => {
  const device = (host: string): SonosDevice => new SonosDevice(host)

  it('tells who it is', async () => {
    const attributes = await device(hosts.kitchen).GetZoneAttributes()
    expect(attributes.CurrentZoneName).toBe('Kitchen & Bar')
    expect(await device(hosts.kitchen).LoadUuid()).toBe(kitchen.uid)
    expect((await device(hosts.kitchen).GetDeviceDescription()).roomName).toBe('Kitchen & Bar')
  })

  it('plays a playlist from its queue, on and on as time goes by', async () => {
    const one = device(hosts.kitchen)
    await one.AVTransportService.AddURIToQueue({
      InstanceID: 0,
      EnqueuedURI: playlist,
      EnqueuedURIMetaData: '',
      DesiredFirstTrackNumberEnqueued: 0,
      EnqueueAsNext: false,
    })
    await one.SwitchToQueue()
    await one.AVTransportService.SetPlayMode({ InstanceID: 0, NewPlayMode: 'SHUFFLE' as never })
    expect(await one.Play()).toBe(true)
    const queue = await one.GetQueue()
    expect([queue.TotalMatches, kitchen.state().on]).toEqual([3, true])
    time += 185_000
    const position = await one.AVTransportService.GetPositionInfo()
    expect([position.Track, position.RelTime, position.TrackDuration]).toEqual([2, '0:00:05', '0:03:01'])
    await one.SeekPosition('0:01:00')
    await one.Next()
    await one.Previous()
    await one.SeekTrack(3)
    expect(kitchen.state()).toMatchObject({ track: 3, seconds: 0, playMode: 'SHUFFLE' })
    // Three tracks of 180, 181 and 182 seconds, for ever.
    time += 543_000
    expect(kitchen.state()).toMatchObject({ track: 3, doing: 'PLAYING', seconds: 0 })
    await one.Pause()
    expect((await one.AVTransportService.GetTransportInfo()).CurrentTransportState).toBe('PAUSED_PLAYBACK')
    await expect(one.Pause()).rejects.toThrow('701')
  })

  it('is turned up, down, off and on, and to taste', async () => {
    const one = device(hosts.kitchen)
    await one.SetVolume(31)
    await one.SetRelativeVolume(4)
    await one.RenderingControlService.SetMute({ InstanceID: 0, Channel: 'Master', DesiredMute: true })
    await one.RenderingControlService.SetBass({ InstanceID: 0, DesiredBass: -3 })
    await one.RenderingControlService.SetTreble({ InstanceID: 0, DesiredTreble: 4 })
    await one.RenderingControlService.SetLoudness({ InstanceID: 0, Channel: 'Master', DesiredLoudness: false })
    expect(kitchen.state()).toMatchObject({ volume: 35, muted: true, bass: -3, treble: 4, loudness: false })
    expect((await one.RenderingControlService.GetOutputFixed({ InstanceID: 0 })).CurrentFixed).toBe(false)
    kitchen.set({ muted: false })
    await expect(
      one.RenderingControlService.SetVolume({ InstanceID: 0, Channel: 'Master', DesiredVolume: 101 }),
    ).rejects.toThrow('402')
  })

  it('joins a group, follows it, and leaves it', async () => {
    await device(hosts.living).JoinGroup('kitchen & bar')
    const [group, ...others] = await device(hosts.kitchen).GetZoneGroupState()
    expect([group?.coordinator.uuid, group?.members.map(({ name }) => name), others]).toEqual([
      kitchen.uid,
      ['Kitchen & Bar', 'Living'],
      [],
    ])
    await device(hosts.kitchen).SetAVTransportURI('http://192.0.2.1/gong.mp3')
    await device(hosts.kitchen).Play()
    expect([living.state().on, living.state().uri]).toEqual([true, `x-rincon:${kitchen.uid}`])
    await expect(device(hosts.living).AVTransportService.Pause()).rejects.toThrow('800')
    // A sound of 3 seconds ends by itself.
    time += 3000
    expect(living.state().on).toBe(false)
    await device(hosts.living).AVTransportService.BecomeCoordinatorOfStandaloneGroup({ InstanceID: 0 })
    expect(await device(hosts.kitchen).GetZoneGroupState()).toHaveLength(2)
  })

  it('is put back as it was found', async () => {
    const one = device(hosts.kitchen)
    kitchen.set({ volume: 22, muted: false })
    await one.SetAVTransportURI('x-rincon-mp3radio://radio.example/a.mp3')
    await one.Play()
    const found = kitchen.state()
    const state = await one.GetState()
    await one.SetAVTransportURI('http://192.0.2.1/gong.mp3')
    await one.SetVolume(60)
    await one.Play()
    await one.RestoreState(state)
    expect(kitchen.state()).toMatchObject({ uri: found.uri, doing: 'PLAYING', volume: 22, muted: false })
  })

  it('that leaves a group it leads hands its music on', async () => {
    const one = device(hosts.kitchen)
    await device(hosts.living).JoinGroup('Kitchen & Bar')
    await one.SetAVTransportURI('x-rincon-mp3radio://radio.example/a.mp3')
    await one.Play()
    await one.AVTransportService.BecomeCoordinatorOfStandaloneGroup({ InstanceID: 0 })
    expect(living.state()).toMatchObject({
      on: true,
      coordinator: living.uid,
      uri: 'x-rincon-mp3radio://radio.example/a.mp3',
    })
    expect(kitchen.state()).toMatchObject({ on: false, uri: '' })
  })
})

describe('a simulated speaker, driven by sonos', () => {
  it('tells who it is, and is turned up and off', async () => {
    const one = new Sonos(hosts.living)
    expect(await one.deviceDescription()).toMatchObject({ UDN: `uuid:${living.uid}`, roomName: 'Living' })
    await one.setVolume(17)
    await one.setMuted(true)
    expect([await one.getVolume(), await one.getMuted(), living.state().volume]).toEqual([17, true, 17])
    await one.setMuted(false)
  })

  it('plays from its queue', async () => {
    const one = new Sonos(hosts.living)
    await one.flush()
    await one.queue('http://192.0.2.1/first.mp3')
    await one.queue('http://192.0.2.1/second.mp3')
    await one.selectQueue()
    await one.setPlayMode('REPEAT_ALL')
    await one.play()
    await one.next()
    await one.seek(30)
    time += 1000
    expect([await one.getCurrentState(), await one.getPlayMode(), (await one.getQueue()).total]).toEqual([
      'playing',
      'REPEAT_ALL',
      '2',
    ])
    expect(await one.currentTrack()).toMatchObject({ title: 'second.mp3', position: 31 })
    await one.pause()
    expect(await one.getCurrentState()).toBe('paused')
    await one.stop()
    await one.flush()
    expect(living.state().queue).toEqual([])
  })

  it('joins, and leaves', async () => {
    await new Sonos(hosts.living).joinGroup('Kitchen & Bar')
    expect((await new Sonos(hosts.kitchen).getAllGroups()).map(({ Name }) => Name)).toEqual(['Kitchen & Bar + 1'])
    await new Sonos(hosts.living).leaveGroup()
    expect(await new Sonos(hosts.kitchen).getAllGroups()).toHaveLength(2)
  })
})
