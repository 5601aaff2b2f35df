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

/** Puts a speaker back as it was found; whatever fails, the rest is still tried. Gives what failed, in sentences. */
export const restore = async (player: Player, found: Snapshot, restoring: Restoring): Promise<readonly string[]> => {
  const wrong: string[] = []
  const note = (result: Result): void => {
    if (!result.ok) wrong.push(result.reason)
  }
  const { music } = found
  const changed = music === undefined ? false : await putMusicBack(player, music, note)
  await putSoundBack(player, found, restoring, note)
  if (music !== undefined) await goOn(player, music, { changed, resume: restoring.resume, note })
  return wrong
}

type Note = (result: Result) => void

/** Loads what was loaded, at its place. Whether there was a chime to take away. */
const putMusicBack = async (player: Player, { media, queue }: Music, note: Note): Promise<boolean> => {
  const now = await player.media(callLimit())
  note(now)
  // Something else than a chime is what was there, or what somebody wants to hear by now.
  if (!now.ok || !isChime(now.value)) return false
  const transport = await player.transport(callLimit())
  note(transport)
  if (transport.ok && transport.value === 'PLAYING') note(await player.pause(callLimit()))
  if (isCloudQueue(media)) return true
  note(await player.setMedia(media, callLimit()))
  if (queue === undefined || !isOwnQueue(media)) return true
  if (queue.track > 0) {
    note(await player.seekTrack(queue.track, callLimit()))
    if (/^\d+:\d\d:\d\d$/u.test(queue.time)) note(await player.seekTime(queue.time, callLimit()))
  }
  note(await player.setPlayMode(queue.mode, callLimit()))
  note(await player.setCrossfade(queue.crossfade, callLimit()))
  return true
}

const putSoundBack = async (
  player: Player,
  found: Snapshot,
  { onlyIfVolume }: Restoring,
  note: Note,
): Promise<void> => {
  if (onlyIfVolume !== undefined) {
    const now = await player.volume(callLimit())
    note(now)
    if (now.ok && now.value === onlyIfVolume && now.value !== found.volume)
      note(await player.setVolume(found.volume, callLimit()))
    return
  }
  note(await player.setMuted(found.muted, callLimit()))
  // A line out tells 100 and takes nothing else.
  const fixed = found.volume === 100 ? await player.outputFixed(callLimit()) : undefined
  if (fixed?.ok === true && fixed.value) return
  if (found.tone !== undefined) note(await player.setTone(found.tone, callLimit()))
  note(await player.setVolume(found.volume, callLimit()))
}

type GoingOn = { readonly changed: boolean; readonly resume: boolean; readonly note: Note }

const goOn = async (player: Player, { media, transport }: Music, { changed, resume, note }: GoingOn): Promise<void> => {
  const [now, doing] = await Promise.all([player.media(callLimit()), player.transport(callLimit())])
  // What failed here has been told above.
  if (!now.ok || !doing.ok) return
  const same = now.value.uri === media.uri
  const plays = doing.value === 'PLAYING' || doing.value === 'TRANSITIONING'
  if (transport === 'PLAYING' && same && !plays && resume) note(await player.play(callLimit()))
  if (transport === 'STOPPED' && changed && plays) note(await player.stop(callLimit()))
}
