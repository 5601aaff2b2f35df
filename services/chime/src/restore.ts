import { describedBy, type Item, type Player, type Result } from '@homeslice/devices'
import { isCloudQueue, isOwnQueue, type Music, type Snapshot } from './snapshot.ts'

/** By this id in its description a chime is known to other chimes. */
export const chimeId = 'homeslice-chime'

/** Whether a speaker has a chime loaded. */
export const isChime = ({ metadata }: Item): boolean =>
  metadata.includes(chimeId) && describedBy(metadata).id === chimeId

/** How far to go. */
export type Restoring = {
  /** Music that played plays again; not when that was long ago. */
  readonly resume: boolean
  /** How loud the chime was, where its end was not seen: another volume by now is somebody's wish. */
  readonly onlyIfVolume?: number
}

/** One call to a speaker has this long. */
export const callLimit = (): AbortSignal => AbortSignal.timeout(3000)

/** All calls that put one speaker back: the system that ended us waits 30 s, and one dead speaker must not take them all. */
const wholeMilliseconds = 20_000

type Hand = {
  readonly player: Player
  readonly limit: () => AbortSignal
  /** Takes down what failed. */
  readonly note: (result: Result) => void
}

/** Puts a speaker back as it was found; whatever fails, the rest is still tried. Gives what failed, in sentences. */
export const restore = async (player: Player, found: Snapshot, restoring: Restoring): Promise<readonly string[]> => {
  const wrong: string[] = []
  const whole = AbortSignal.timeout(wholeMilliseconds)
  const hand: Hand = {
    player,
    limit: () => AbortSignal.any([whole, callLimit()]),
    note: (result) => {
      if (!result.ok) wrong.push(result.reason)
    },
  }
  const { music } = found
  const changed = music !== undefined && (await putMusicBack(hand, music))
  await putSoundBack(hand, found, restoring)
  if (music !== undefined) await goOn(hand, music, { changed, resume: restoring.resume })
  return [...new Set(wrong)]
}

/** Loads what was loaded, at its place. Whether there was a chime to take away. */
const putMusicBack = async ({ player, limit, note }: Hand, { media, queue }: Music): Promise<boolean> => {
  const now = await player.media(limit())
  note(now)
  // Something else than a chime is what was there, or what somebody wants to hear by now.
  if (!now.ok || !isChime(now.value)) return false
  const transport = await player.transport(limit())
  note(transport)
  if (transport.ok && transport.value === 'PLAYING') note(await player.pause(limit()))
  if (isCloudQueue(media)) return true
  note(await player.setMedia(media, limit()))
  if (queue === undefined || !isOwnQueue(media)) return true
  if (queue.track > 0) {
    note(await player.seekTrack(queue.track, limit()))
    if (/^\d+:\d\d:\d\d$/u.test(queue.time)) note(await player.seekTime(queue.time, limit()))
  }
  note(await player.setPlayMode(queue.mode, limit()))
  note(await player.setCrossfade(queue.crossfade, limit()))
  return true
}

const putSoundBack = async (hand: Hand, found: Snapshot, { onlyIfVolume }: Restoring): Promise<void> => {
  const { player, limit, note } = hand
  if (onlyIfVolume !== undefined) return putVolumeBack(hand, found, onlyIfVolume)
  note(await player.setMuted(found.muted, limit()))
  // A line out tells 100 and takes nothing else.
  const fixed = found.volume === 100 ? await player.outputFixed(limit()) : undefined
  if (fixed?.ok === true && fixed.value) return
  if (found.tone !== undefined) note(await player.setTone(found.tone, limit()))
  note(await player.setVolume(found.volume, limit()))
}

const putVolumeBack = async ({ player, limit, note }: Hand, { volume }: Snapshot, onlyIf: number): Promise<void> => {
  const now = await player.volume(limit())
  note(now)
  if (now.ok && now.value === onlyIf && now.value !== volume) note(await player.setVolume(volume, limit()))
}

type GoingOn = { readonly changed: boolean; readonly resume: boolean }

const goOn = async (
  { player, limit, note }: Hand,
  { media, transport }: Music,
  { changed, resume }: GoingOn,
): Promise<void> => {
  const [now, doing] = await Promise.all([player.media(limit()), player.transport(limit())])
  // What failed here has been told above.
  if (!now.ok || !doing.ok) return
  const same = now.value.uri === media.uri
  const plays = doing.value === 'PLAYING' || doing.value === 'TRANSITIONING'
  if (transport === 'PLAYING' && same && !plays && resume) note(await player.play(limit()))
  if (transport === 'STOPPED' && changed && plays) note(await player.stop(limit()))
}
