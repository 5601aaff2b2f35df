import type { Item, Member, Player, Result, Tone, Transport } from '@homeslice/devices'

/** A speaker as it was found. */
export type Snapshot = {
  readonly member: Member
  readonly volume: number
  readonly muted: boolean
  /** Nothing where the speaker has none to tell. */
  readonly tone?: Tone
  /** What it was doing; only of the coordinator, since the others follow it. */
  readonly music?: Music
}

/** What a coordinator was doing. */
export type Music = {
  readonly media: Item
  readonly transport: Transport
  /** Where it was in its own queue. */
  readonly queue?: { readonly track: number; readonly time: string; readonly mode: string; readonly crossfade: boolean }
}

/** Whether a speaker plays from its own queue, which others can put back. */
export const isOwnQueue = ({ uri }: Item): boolean => /^x-rincon-queue:[^#]*#0$/u.test(uri)

/** Whether it plays from a queue in a cloud, which others cannot put back. */
export const isCloudQueue = (media: Item): boolean => media.uri.startsWith('x-rincon-queue:') && !isOwnQueue(media)

/** Looks at a speaker, and changes nothing. */
export const takeSnapshot = async (
  { player, member, leads }: { readonly player: Player; readonly member: Member; readonly leads: boolean },
  deadline: AbortSignal,
): Promise<Result<Snapshot>> => {
  const [volume, muted, tone, music] = await Promise.all([
    player.volume(deadline),
    player.muted(deadline),
    player.tone(deadline),
    leads ? musicOf(player, deadline) : undefined,
  ])
  if (!volume.ok) return volume
  if (!muted.ok) return muted
  if (music?.ok === false) return music
  return {
    ok: true,
    value: {
      member,
      volume: volume.value,
      muted: muted.value,
      ...(tone.ok ? { tone: tone.value } : {}),
      ...(music === undefined ? {} : { music: music.value }),
    },
  }
}

const musicOf = async (player: Player, deadline: AbortSignal): Promise<Result<Music>> => {
  const [media, transport] = await Promise.all([player.media(deadline), player.transport(deadline)])
  if (!media.ok) return media
  if (!transport.ok) return transport
  const { uri, metadata } = media.value
  // On its way to play is as good as playing.
  const doing = transport.value === 'TRANSITIONING' ? 'PLAYING' : transport.value
  const found = { media: { uri, metadata }, transport: doing }
  if (!isOwnQueue(found.media)) return { ok: true, value: found }
  const [position, mode, crossfade] = await Promise.all([
    player.position(deadline),
    player.playMode(deadline),
    player.crossfade(deadline),
  ])
  if (!position.ok) return position
  if (!mode.ok) return mode
  if (!crossfade.ok) return crossfade
  const queue = { ...position.value, mode: mode.value, crossfade: crossfade.value }
  return { ok: true, value: { ...found, queue } }
}
