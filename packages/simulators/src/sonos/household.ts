import { advance, newSpeaker, type Speaker } from './speaker.ts'
import { escape } from './xml.ts'

/** Speakers that know each other. */
export type Household = {
  readonly speakers: readonly Speaker[]
  /** Milliseconds, as the speakers' own clocks count them. */
  readonly now: () => number
  /** The one that is told what to play; a speaker whose coordinator nobody knows is alone. */
  readonly coordinatorOf: (speaker: Speaker) => Speaker
  /** Leaves its group; what the group plays goes on without it. */
  readonly leave: (speaker: Speaker) => void
  readonly join: (speaker: Speaker, uid: string) => void
  /** The groups, as speakers tell them. */
  readonly groups: () => string
}

/** A household of these speakers. */
export const createHousehold = (
  places: readonly { readonly name: string; readonly host: string; readonly port: number }[],
  now: () => number,
): Household => {
  const speakers = places.map((place, index) => {
    const serial = serialOf(place.name, index)
    return newSpeaker({ ...place, serial, uid: `RINCON_${serial.replaceAll(':', '')}01400` })
  })
  const coordinatorOf = (speaker: Speaker): Speaker =>
    speakers.find(({ uid }) => uid === speaker.coordinator) ?? speaker
  const followersOf = (speaker: Speaker): Speaker[] =>
    speakers.filter((one) => one !== speaker && one.coordinator === speaker.uid)

  const leave = (speaker: Speaker): void => {
    const [heir, ...others] = followersOf(speaker)
    if (heir !== undefined) {
      advance(speaker, now())
      const { queue, track, doing, seconds, since, playMode, crossfade, metadata } = speaker
      const uri = speaker.uri.replace(speaker.uid, heir.uid)
      Object.assign(heir, { queue: [...queue], track, doing, seconds, since, playMode, crossfade, metadata, uri })
      for (const one of [heir, ...others]) one.coordinator = heir.uid
      for (const one of others) one.uri = `x-rincon:${heir.uid}`
    }
    speaker.coordinator = speaker.uid
    speaker.doing = 'STOPPED'
    speaker.uri = ''
    speaker.metadata = ''
  }
  const join = (speaker: Speaker, uid: string): void => {
    if (uid === speaker.uid || speaker.coordinator === uid) return
    leave(speaker)
    speaker.coordinator = uid
    speaker.uri = `x-rincon:${uid}`
  }
  const memberText = ({ uid, name, host, port }: Speaker): string =>
    `<ZoneGroupMember UUID="${uid}" Location="http://${host}:${port}/xml/device_description.xml" ZoneName="${escape(name)}" Icon="" Configuration="1" SoftwareVersion="79.1-55030" SWGen="2" BootSeq="7" WirelessMode="0" HasConfiguredSSID="0" IdleState="0"/>`
  return {
    speakers,
    now,
    coordinatorOf,
    leave,
    join,
    groups: () => {
      const groups = speakers
        .filter((speaker) => coordinatorOf(speaker) === speaker)
        .map(
          (speaker) =>
            `<ZoneGroup Coordinator="${speaker.uid}" ID="${speaker.uid}:1">${[speaker, ...followersOf(speaker)].map(memberText).join('')}</ZoneGroup>`,
        )
      return `<ZoneGroupState><ZoneGroups>${groups.join('')}</ZoneGroups><VanishedDevices></VanishedDevices></ZoneGroupState>`
    },
  }
}

/** A hardware address of its own for each name, so that speakers in separate programs differ too. */
const serialOf = (name: string, index: number): string => {
  let sum = index + 1
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 0xff_ff_ff
  const hex = sum.toString(16).toUpperCase().padStart(6, '0')
  return `00:0E:58:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`
}
