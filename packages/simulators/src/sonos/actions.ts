import type { Household } from './household.ts'
import { songsOf, type Song } from './music.ts'
import { advance, fromQueue, shownLength, type Speaker } from './speaker.ts'
import { type Args, clockTime, listed } from './xml.ts'

/** What an action gives back, or the code of the error that it ends in. */
export type Outcome = Readonly<Record<string, string | number>> | { readonly error: number }

type Act = (speaker: Speaker, args: Args, household: Household) => Outcome

/** Only the coordinator of a group may be told what to play. */
const ofCoordinator =
  (act: Act): Act =>
  (speaker, args, household) =>
    household.coordinatorOf(speaker) === speaker ? act(speaker, args, household) : { error: 800 }

const playlistPrefix = 'x-rincon-cpcontainer:1006206cplaylist%3a'

const songsFor = (uri: string): readonly Song[] | undefined => {
  if (uri.startsWith(playlistPrefix)) {
    const id = uri.slice(playlistPrefix.length)
    return id === '' || id.includes('?') ? undefined : songsOf(id)
  }
  const title = uri.split('/').at(-1) ?? uri
  return uri === '' ? undefined : [{ uri, title, artist: '', album: '', seconds: 200 }]
}

const load: Act = (speaker, { CurrentURI: uri = '', CurrentURIMetaData: metadata = '' }, household) => {
  if (uri.startsWith('x-rincon:')) {
    household.join(speaker, uri.slice('x-rincon:'.length))
    return {}
  }
  if (household.coordinatorOf(speaker) !== speaker) household.leave(speaker)
  const track = uri.startsWith('x-rincon-queue:') ? Math.min(1, speaker.queue.length) : Math.min(1, uri.length)
  Object.assign(speaker, { uri, metadata, track, doing: 'STOPPED', seconds: 0 })
  return {}
}

const enqueue: Act = (speaker, { EnqueuedURI: uri = '' }) => {
  const songs = songsFor(uri)
  if (songs === undefined) return { error: 800 }
  speaker.queue.push(...songs)
  return {
    FirstTrackNumberEnqueued: speaker.queue.length - songs.length + 1,
    NumTracksAdded: songs.length,
    NewQueueLength: speaker.queue.length,
  }
}

const empty: Act = (speaker) => {
  speaker.queue.length = 0
  if (fromQueue(speaker)) Object.assign(speaker, { track: 0, doing: 'STOPPED', seconds: 0 })
  return {}
}

const play: Act = (speaker) => {
  if (speaker.uri === '' || (fromQueue(speaker) && speaker.queue.length === 0)) return { error: 701 }
  speaker.doing = 'PLAYING'
  return {}
}

const pause: Act = (speaker) => {
  if (speaker.doing !== 'PLAYING') return { error: 701 }
  speaker.doing = 'PAUSED_PLAYBACK'
  return {}
}

const stop: Act = (speaker) => {
  if (speaker.uri === '') return { error: 701 }
  Object.assign(speaker, { doing: 'STOPPED', seconds: fromQueue(speaker) ? speaker.seconds : 0 })
  return {}
}

const secondsOf = (time: string): number | undefined => {
  const [, hours, minutes, seconds] = /^(\d{1,3}):(\d\d):(\d\d)$/u.exec(time) ?? []
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
}

const seek: Act = (speaker, { Unit: unit = '', Target: target = '' }) => {
  if (unit === 'TRACK_NR') {
    const track = Number(target)
    if (!fromQueue(speaker) || !(track >= 1 && track <= speaker.queue.length)) return { error: 711 }
    Object.assign(speaker, { track, seconds: 0 })
    return {}
  }
  const seconds = unit === 'REL_TIME' ? secondsOf(target) : undefined
  const length = shownLength(speaker)
  if (seconds === undefined || length === 0 || seconds > length) return { error: 711 }
  speaker.seconds = seconds
  return {}
}

const skip =
  (by: 1 | -1): Act =>
  (speaker) => {
    const track = speaker.track + by
    if (!fromQueue(speaker) || track < 1 || track > speaker.queue.length) return { error: 711 }
    Object.assign(speaker, { track, seconds: 0 })
    return {}
  }

const modes = /^(NORMAL|REPEAT_ALL|REPEAT_ONE|SHUFFLE|SHUFFLE_NOREPEAT|SHUFFLE_REPEAT_ONE)$/u

const setMode: Act = (speaker, { NewPlayMode: mode = '' }) => {
  if (!modes.test(mode)) return { error: 712 }
  speaker.playMode = mode
  return {}
}

const mediaInfo: Act = (speaker) => ({
  NrTracks: fromQueue(speaker) ? speaker.queue.length : Math.min(1, speaker.uri.length),
  MediaDuration: 'NOT_IMPLEMENTED',
  CurrentURI: speaker.uri,
  CurrentURIMetaData: speaker.metadata,
  NextURI: '',
  NextURIMetaData: '',
  PlayMedium: speaker.uri === '' ? 'NONE' : 'NETWORK',
  RecordMedium: 'NOT_IMPLEMENTED',
  WriteStatus: 'NOT_IMPLEMENTED',
})

const positionInfo: Act = (speaker) => {
  const song = fromQueue(speaker) ? speaker.queue[speaker.track - 1] : undefined
  return {
    Track: speaker.track,
    TrackDuration: clockTime(shownLength(speaker)),
    TrackMetaData: song === undefined ? speaker.metadata : listed([song], speaker.track - 1),
    TrackURI: song?.uri ?? speaker.uri,
    RelTime: clockTime(speaker.seconds),
    AbsTime: 'NOT_IMPLEMENTED',
    RelCount: 2_147_483_647,
    AbsCount: 2_147_483_647,
  }
}

const browse: Act = (speaker, { ObjectID: id = '', StartingIndex: start = '0', RequestedCount: count = '100' }) => {
  if (id !== 'Q:0') return { error: 701 }
  const page = speaker.queue.slice(Number(start), Number(start) + Number(count))
  return {
    Result: listed(page, Number(start)),
    NumberReturned: page.length,
    TotalMatches: speaker.queue.length,
    UpdateID: speaker.queue.length,
  }
}

/** Something a speaker can be set to: a number within bounds, or yes and no. */
const setNumber =
  (key: 'volume' | 'bass' | 'treble', argument: string, [least, most]: readonly [number, number]): Act =>
  (speaker, args) => {
    const value = Number(args[argument] ?? Number.NaN)
    if (!Number.isInteger(value) || value < least || value > most) return { error: 402 }
    if (!(key === 'volume' && speaker.fixed)) speaker[key] = value
    return key === 'volume' ? { NewVolume: speaker.volume } : {}
  }

const setTruth =
  (key: 'muted' | 'loudness' | 'crossfade', argument: string): Act =>
  (speaker, args) => {
    const value = args[argument] ?? ''
    if (!/^(0|1|true|false)$/u.test(value)) return { error: 402 }
    speaker[key] = value === '1' || value === 'true'
    return {}
  }

const nudge: Act = (speaker, { Adjustment: by = '' }) => {
  speaker.volume = Math.max(0, Math.min(100, speaker.volume + (Number(by) || 0)))
  return { NewVolume: speaker.volume }
}

const standAlone: Act = (speaker, _, household) => {
  household.leave(speaker)
  return { DelegatedGroupCoordinatorID: '', NewGroupID: `${speaker.uid}:2` }
}

const zoneInfo: Act = ({ host, serial }) => ({
  SerialNumber: serial.replaceAll(':', '-'),
  SoftwareVersion: '79.1-55030',
  DisplaySoftwareVersion: '16.1',
  HardwareVersion: '1.26.1.7-2.1',
  IPAddress: host,
  MACAddress: serial,
  CopyrightInfo: '',
  ExtraInfo: '',
  HTAudioIn: 0,
  Flags: 1,
})

/** All that a speaker can be asked, by service and action. */
const actions: Readonly<Record<string, Act>> = {
  'AVTransport#SetAVTransportURI': load,
  'AVTransport#AddURIToQueue': ofCoordinator(enqueue),
  'AVTransport#RemoveAllTracksFromQueue': ofCoordinator(empty),
  'AVTransport#Play': ofCoordinator(play),
  'AVTransport#Pause': ofCoordinator(pause),
  'AVTransport#Stop': ofCoordinator(stop),
  'AVTransport#Seek': ofCoordinator(seek),
  'AVTransport#Next': ofCoordinator(skip(1)),
  'AVTransport#Previous': ofCoordinator(skip(-1)),
  'AVTransport#SetPlayMode': ofCoordinator(setMode),
  'AVTransport#SetCrossfadeMode': ofCoordinator(setTruth('crossfade', 'CrossfadeMode')),
  'AVTransport#BecomeCoordinatorOfStandaloneGroup': standAlone,
  'AVTransport#GetMediaInfo': mediaInfo,
  'AVTransport#GetPositionInfo': positionInfo,
  'AVTransport#GetTransportInfo': (speaker, _, household) => ({
    CurrentTransportState: household.coordinatorOf(speaker).doing,
    CurrentTransportStatus: 'OK',
    CurrentSpeed: 1,
  }),
  'AVTransport#GetTransportSettings': ({ playMode }) => ({ PlayMode: playMode, RecQualityMode: 'NOT_IMPLEMENTED' }),
  'AVTransport#GetCrossfadeMode': ({ crossfade }) => ({ CrossfadeMode: Number(crossfade) }),
  'RenderingControl#GetVolume': ({ volume }) => ({ CurrentVolume: volume }),
  'RenderingControl#SetVolume': setNumber('volume', 'DesiredVolume', [0, 100]),
  'RenderingControl#SetRelativeVolume': nudge,
  'RenderingControl#GetMute': ({ muted }) => ({ CurrentMute: Number(muted) }),
  'RenderingControl#SetMute': setTruth('muted', 'DesiredMute'),
  'RenderingControl#GetBass': ({ bass }) => ({ CurrentBass: bass }),
  'RenderingControl#SetBass': setNumber('bass', 'DesiredBass', [-10, 10]),
  'RenderingControl#GetTreble': ({ treble }) => ({ CurrentTreble: treble }),
  'RenderingControl#SetTreble': setNumber('treble', 'DesiredTreble', [-10, 10]),
  'RenderingControl#GetLoudness': ({ loudness }) => ({ CurrentLoudness: Number(loudness) }),
  'RenderingControl#SetLoudness': setTruth('loudness', 'DesiredLoudness'),
  'RenderingControl#GetOutputFixed': ({ fixed }) => ({ CurrentFixed: Number(fixed) }),
  'ContentDirectory#Browse': browse,
  'ZoneGroupTopology#GetZoneGroupState': (_, __, household) => ({ ZoneGroupState: household.groups() }),
  'DeviceProperties#GetZoneInfo': zoneInfo,
  'DeviceProperties#GetZoneAttributes': ({ name }) => ({
    CurrentZoneName: name,
    CurrentIcon: 'x-rincon-roomicon:living',
    CurrentConfiguration: 1,
  }),
}

/** Whether an action only looks. */
export const onlyLooks = (action: string): boolean => /^(Get|Browse)/u.test(action)

/** Does what a speaker is asked to; 401 is an action that it has not. */
export const perform = (
  household: Household,
  speaker: Speaker,
  { service, action, args }: { readonly service: string; readonly action: string; readonly args: Args },
): Outcome => {
  const act = Object.hasOwn(actions, `${service}#${action}`) ? actions[`${service}#${action}`] : undefined
  if (act === undefined) return { error: 401 }
  if (args.InstanceID !== undefined && args.InstanceID !== '0') return { error: 718 }
  for (const one of household.speakers) advance(one, household.now())
  return act(speaker, args, household)
}
