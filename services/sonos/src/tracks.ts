import type { Track } from '@homeslice/devices'

/** A track as pages and queues both tell it. */
export const trackKey = ({ album, artist, title }: Pick<Track, 'album' | 'artist' | 'title'>): string =>
  `${album}|${artist}|${title}`

const ofAppleMusic = /^x-sonos-http:(librarytrack|song)%3a/u

/** What a queue holds, in an order of its own: tracks of other services are known by their address, so none is taken for a track of ours. */
export const keysOf = (queue: readonly Track[]): readonly string[] =>
  queue.map((track) => (ofAppleMusic.test(track.uri) ? trackKey(track) : track.uri)).toSorted()

/** Whether two lists hold the same, each as often. */
export const sameTracks = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((key, index) => key === other[index])
