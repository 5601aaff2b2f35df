import type { Group, Media, Player, Position, Tone, Track, Transport } from '../player.ts'
import { mapResult, refused, type Result } from '../switch.ts'
import { ask, type Said, type SonosPlace } from './ask.ts'
import { describedBy, tracksIn } from './didl.ts'
import { readers } from './reply.ts'
import { type Action, actionHeader, envelope, parseFault, parseReply, pathOf, type Reply } from './soap.ts'
import { groupsIn } from './topology.ts'
import { descendant, parseXml } from './xml.ts'

const instance = { InstanceID: 0 } as const
const master = { ...instance, Channel: 'Master' } as const
const done = (): Result<true> => ({ ok: true, value: true })

/** Pages of a queue; a queue holds 10,000 tracks at most. */
const pageSize = 100
const mostPages = 100

/** A Sonos speaker. */
export const sonosPlayer = (place: SonosPlace): Player => {
  const { name, host } = place
  let known: string | undefined

  const call = async (action: Action, deadline: AbortSignal): Promise<Result<Reply>> => {
    const said = await ask(
      place,
      {
        method: 'POST',
        path: pathOf(action),
        headers: { 'Content-Type': 'text/xml; charset="utf-8"', SOAPACTION: actionHeader(action) },
        body: envelope(action),
      },
      deadline,
    )
    return mapResult(said, (value) =>
      value.status === 200 ? parseReply(name, action, value.body) : parseFault(name, action, value),
    )
  }
  const read = async <Value>(action: Action, map: (reply: Reply) => Result<Value>, deadline: AbortSignal) =>
    mapResult(await call(action, deadline), map)
  const transport = (action: string, args: Action['args'] = {}): Action => ({
    service: 'AVTransport',
    action,
    args: { ...instance, ...args },
  })
  const rendering = (action: string, args: Action['args'] = {}): Action => ({
    service: 'RenderingControl',
    action,
    args: { ...instance, ...args },
  })
  const does = async (action: Action, deadline: AbortSignal): Promise<Result<true>> =>
    mapResult(await call(action, deadline), done)
  const { word, number, truth } = readers(name)

  const uid: Player['uid'] = async (deadline) => {
    if (known !== undefined) return { ok: true, value: known }
    const said = await ask(place, { method: 'GET', path: '/xml/device_description.xml' }, deadline)
    return mapResult<Said, string>(said, ({ body }) => {
      const udn = descendant(parseXml(body), 'UDN')?.text.trim() ?? ''
      if (!/^uuid:[\w-]{1,100}$/u.test(udn)) return refused(`${name} does not say who it is; is it a Sonos speaker?`)
      known = udn.slice('uuid:'.length)
      return { ok: true, value: known }
    })
  }
  const page = async (start: number, deadline: AbortSignal): Promise<Result<readonly Track[]>> => {
    const action: Action = {
      service: 'ContentDirectory',
      action: 'Browse',
      args: {
        ObjectID: 'Q:0',
        BrowseFlag: 'BrowseDirectChildren',
        Filter: '*',
        StartingIndex: start,
        RequestedCount: pageSize,
        SortCriteria: '',
      },
    }
    return mapResult<string, readonly Track[]>(mapResult(await call(action, deadline), word('Result')), (result) => {
      const tracks = tracksIn(result)
      return tracks === undefined ? refused(`${name} answered a queue that is none`) : { ok: true, value: tracks }
    })
  }
  const queue: Player['queue'] = async (deadline) => {
    const tracks: Track[] = []
    for (let index = 0; index < mostPages; index += 1) {
      const next = await page(tracks.length, deadline)
      if (!next.ok) return next
      tracks.push(...next.value)
      // A full page may be the last; the one after it is then empty.
      if (next.value.length < pageSize) return { ok: true, value: tracks }
    }
    return refused(`${name} tells of a queue without end`)
  }
  const group: Player['group'] = async (deadline) => {
    const mine = await uid(deadline)
    if (!mine.ok) return mine
    const state = await call({ service: 'ZoneGroupTopology', action: 'GetZoneGroupState' }, deadline)
    return mapResult<string, Group>(mapResult(state, word('ZoneGroupState')), (text) => {
      const found = groupsIn(text)?.find(({ members }) => members.some((member) => member.uid === mine.value))
      return found === undefined ? refused(`${name} does not tell which group it is in`) : { ok: true, value: found }
    })
  }
  const media = (reply: Reply): Result<Media> => {
    const metadata = reply.get('CurrentURIMetaData') ?? ''
    const uriOf = word('CurrentURI')(reply)
    return mapResult(uriOf, (uri) => ({ ok: true, value: { uri, metadata, title: describedBy(metadata).title } }))
  }
  const position = (reply: Reply): Result<Position> =>
    mapResult(number('Track')(reply), (track) => ({ ok: true, value: { track, time: reply.get('RelTime') ?? '' } }))
  const setMedia: Player['setMedia'] = ({ uri, metadata }, deadline) =>
    does(transport('SetAVTransportURI', { CurrentURI: uri, CurrentURIMetaData: metadata }), deadline)
  const seek = (unit: string, target: string | number, deadline: AbortSignal): Promise<Result<true>> =>
    does(transport('Seek', { Unit: unit, Target: target }), deadline)
  const tone: Player['tone'] = async (deadline) => {
    const [bass, treble, loudness] = await Promise.all([
      read(rendering('GetBass'), number('CurrentBass'), deadline),
      read(rendering('GetTreble'), number('CurrentTreble'), deadline),
      read(rendering('GetLoudness', { Channel: 'Master' }), truth('CurrentLoudness'), deadline),
    ])
    if (!bass.ok) return bass
    if (!treble.ok) return treble
    return mapResult<boolean, Tone>(loudness, (on) => ({
      ok: true,
      value: { bass: bass.value, treble: treble.value, loudness: on },
    }))
  }
  const setTone: Player['setTone'] = async ({ bass, treble, loudness }, deadline) => {
    const results = await Promise.all([
      does(rendering('SetBass', { DesiredBass: bass }), deadline),
      does(rendering('SetTreble', { DesiredTreble: treble }), deadline),
      does(rendering('SetLoudness', { Channel: 'Master', DesiredLoudness: loudness ? 1 : 0 }), deadline),
    ])
    return results.find(({ ok }) => !ok) ?? done()
  }
  return {
    name,
    host,
    uid,
    group,
    queue,
    tone,
    setTone,
    setMedia,
    transport: (deadline) => read<Transport>(transport('GetTransportInfo'), word('CurrentTransportState'), deadline),
    media: (deadline) => read(transport('GetMediaInfo'), media, deadline),
    position: (deadline) => read(transport('GetPositionInfo'), position, deadline),
    play: (deadline) => does(transport('Play', { Speed: 1 }), deadline),
    pause: (deadline) => does(transport('Pause'), deadline),
    stop: (deadline) => does(transport('Stop'), deadline),
    setMediaToQueue: async (deadline) => {
      const mine = await uid(deadline)
      return mine.ok ? setMedia({ uri: `x-rincon-queue:${mine.value}#0`, metadata: '' }, deadline) : mine
    },
    seekTrack: (track, deadline) => seek('TRACK_NR', track, deadline),
    seekTime: (time, deadline) => seek('REL_TIME', time, deadline),
    playMode: (deadline) => read(transport('GetTransportSettings'), word('PlayMode'), deadline),
    setPlayMode: (mode, deadline) => does(transport('SetPlayMode', { NewPlayMode: mode }), deadline),
    crossfade: (deadline) => read(transport('GetCrossfadeMode'), truth('CrossfadeMode'), deadline),
    setCrossfade: (on, deadline) => does(transport('SetCrossfadeMode', { CrossfadeMode: on ? 1 : 0 }), deadline),
    clearQueue: (deadline) => does(transport('RemoveAllTracksFromQueue'), deadline),
    enqueue: ({ uri, metadata }, deadline) =>
      does(
        transport('AddURIToQueue', {
          EnqueuedURI: uri,
          EnqueuedURIMetaData: metadata,
          DesiredFirstTrackNumberEnqueued: 0,
          EnqueueAsNext: 0,
        }),
        deadline,
      ),
    volume: (deadline) => read(rendering('GetVolume', { Channel: master.Channel }), number('CurrentVolume'), deadline),
    setVolume: (volume, deadline) =>
      does(rendering('SetVolume', { Channel: master.Channel, DesiredVolume: volume }), deadline),
    muted: (deadline) => read(rendering('GetMute', { Channel: master.Channel }), truth('CurrentMute'), deadline),
    setMuted: (on, deadline) =>
      does(rendering('SetMute', { Channel: master.Channel, DesiredMute: on ? 1 : 0 }), deadline),
    outputFixed: (deadline) => read(rendering('GetOutputFixed'), truth('CurrentFixed'), deadline),
    join: (coordinator, deadline) => setMedia({ uri: `x-rincon:${coordinator}`, metadata: '' }, deadline),
  }
}
