import { type Group, type Member, type Player, type Result, soundItem } from '@homeslice/devices'
import type { Logger } from '@homeslice/service-kit'
import type { Clock } from './clock.ts'
import { callLimit, chimeId, isChime, restore } from './restore.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'
import type { Left, State } from './state.ts'

/** What a chime needs. */
export type ChimeDeps = {
  readonly playerAt: (place: Pick<Member, 'name' | 'host' | 'port'>) => Player
  readonly state: State
  readonly clock: Clock
  readonly log: Logger
  /** Ends the chime early; every speaker is then put back before it ends. */
  readonly stop: AbortSignal
}

/** What shall sound, and where. */
export type Sound = {
  readonly zone: string
  readonly title: string
  readonly uri: string
  readonly volume: number
  /** Seconds. */
  readonly limit: number
}

/** How a run ended: 1 is that it could not chime, `stopped` that it was told to end. */
export type Ending = 0 | 1 | 'stopped'

const pollMilliseconds = 500
const minute = 60_000
/** Music does not start by itself longer than this after it was interrupted. */
const resumeMilliseconds = 10 * minute
const keepMilliseconds = 24 * 60 * minute

/** Puts back what earlier runs left, chimes, and puts every speaker back as it was found. */
export const runChime = async (deps: ChimeDeps, sound: Sound): Promise<Ending> => {
  const { state, log, stop } = deps
  for (const group of state.groups()) {
    const release = state.tryLock(group)
    if (release === undefined) continue
    await restoreLeft(deps, group)
    release()
  }
  const zone = deps.playerAt({ name: sound.zone, host: sound.zone, port: 1400 })
  const found = await zone.group(callLimit())
  if (!found.ok) return cannot(log, found)
  const { uid } = found.value.coordinator
  const release = await state.lock(uid, stop)
  if (release === undefined) return 'stopped'
  try {
    // The one before may have been killed while this one waited, and groups change.
    await restoreLeft(deps, uid)
    const group = await zone.group(callLimit())
    if (!group.ok) return cannot(log, group)
    return await chimeOn(deps, group.value, { ...sound, lock: uid })
  } finally {
    release()
  }
}

const cannot = (log: Logger, { reason }: { readonly reason: string }): 1 => {
  log.error({ reason }, 'the chime cannot be played')
  return 1
}

/** Puts back what a run that was killed has left; what cannot be put back now is tried by the next run. */
const restoreLeft = async ({ playerAt, state, clock, log }: ChimeDeps, group: string): Promise<void> => {
  const left = state.load(group)
  if (left === undefined) return state.remove(group)
  const age = clock.now() - left.at
  const restoring = { resume: age < resumeMilliseconds, onlyIfVolume: left.volume }
  const wrong = await Promise.all(left.snapshots.map((one) => restore(playerAt(one.member), one, restoring)))
  log.warn(
    { group, seconds: Math.round(age / 1000), failed: wrong.flat() },
    'an earlier chime was killed; its speakers are put back',
  )
  if (wrong.flat().length === 0 || age > keepMilliseconds) state.remove(group)
}

type Here = Sound & { readonly lock: string }

const chimeOn = async (deps: ChimeDeps, { coordinator, members }: Group, sound: Here): Promise<Ending> => {
  const { state, clock, log, stop } = deps
  const leader = deps.playerAt(coordinator)
  await waitForOther(deps, leader, sound.limit)
  if (stop.aborted) return 'stopped'
  const taken = await Promise.all(
    members.map(async (member): Promise<Touched | undefined> => {
      const player = member.uid === coordinator.uid ? leader : deps.playerAt(member)
      const snapshot = await takeSnapshot({ player, member, leads: player === leader }, callLimit())
      if (snapshot.ok) return { player, snapshot: snapshot.value }
      log.warn({ player: member.name, reason: snapshot.reason }, 'a speaker cannot be looked at, so it is left alone')
      return undefined
    }),
  )
  const touched = taken.filter((one) => one !== undefined)
  const music = touched.find(({ player }) => player === leader)?.snapshot.music
  if (music === undefined)
    return cannot(log, { reason: `${coordinator.name} leads the group, and cannot be looked at` })
  const left: Left = { at: clock.now(), volume: sound.volume, snapshots: touched.map(({ snapshot }) => snapshot) }
  state.save(sound.lock, left)
  let played: Result
  try {
    played = await play(deps, { leader, touched, playing: music.transport === 'PLAYING' }, sound)
  } finally {
    const wrong = await Promise.all(touched.map(({ player, snapshot }) => restore(player, snapshot, { resume: true })))
    if (wrong.flat().length === 0) state.remove(sound.lock)
    else log.error({ failed: wrong.flat() }, 'not every speaker is as it was found; the next chime tries again')
  }
  if (!played.ok) return cannot(log, played)
  return stop.aborted ? 'stopped' : 0
}

type Touched = { readonly player: Player; readonly snapshot: Snapshot }
type Stage = { readonly leader: Player; readonly touched: readonly Touched[]; readonly playing: boolean }

/** Nothing went wrong, whether or not all was done: who stopped it knows. */
const fine: Result = { ok: true, value: true }

/** A call that is under way is waited for when the chime is stopped: a late one could undo what is put back after it. */
const play = async (
  { clock, log, stop }: ChimeDeps,
  { leader, touched, playing }: Stage,
  sound: Sound,
): Promise<Result> => {
  if (stop.aborted) return fine
  if (playing) await leader.pause(callLimit())
  if (stop.aborted) return fine
  await Promise.all(
    touched
      .filter(({ snapshot }) => !snapshot.muted)
      .map(async ({ player, snapshot }) => {
        const set = await player.setVolume(sound.volume, callLimit())
        if (!set.ok) log.warn({ player: snapshot.member.name, reason: set.reason }, 'a speaker keeps its volume')
      }),
  )
  if (stop.aborted) return fine
  const loaded = await leader.setMedia(soundItem({ ...sound, id: chimeId }), callLimit())
  if (!loaded.ok || stop.aborted) return loaded
  const started = await leader.play(callLimit())
  if (!started.ok) return started
  const end = clock.now() + sound.limit * 1000
  for (let polls = 1; clock.now() < end && !stop.aborted; polls += 1) {
    await clock.sleep(Math.min(pollMilliseconds, end - clock.now()), stop)
    const doing = await leader.transport(callLimit())
    if (!doing.ok || doing.value !== 'STOPPED') continue
    if (polls === 1) log.warn({ uri: sound.uri }, 'the sound ended at once; can the speakers fetch it?')
    break
  }
  return fine
}

/** A chime that knows nothing of our folder may sound already: its music is not what the group was found with. */
const waitForOther = async ({ clock, stop }: ChimeDeps, leader: Player, limit: number): Promise<void> => {
  const end = clock.now() + (limit + 4) * 1000
  while (clock.now() < end && !stop.aborted) {
    const media = await leader.media(callLimit())
    if (!media.ok || !isChime(media.value)) return
    await clock.sleep(pollMilliseconds, stop)
  }
}
