/** A track as a music service has it. */
export type Song = {
  readonly uri: string
  readonly title: string
  readonly artist: string
  readonly album: string
  readonly seconds: number
}

/** The songs of a playlist of Apple Music: the same for the page that lists it and for the speaker that plays it. */
export const songsOf = (playlist: string, count = 3): readonly Song[] =>
  Array.from({ length: count }, (_, index) => ({
    uri: `x-sonos-http:song%3a${playlist.replaceAll(/\W/gu, '')}${index + 1}.mp4?sid=204&flags=8232&sn=421`,
    title: `Song ${index + 1} & <more>`,
    artist: `Artist of ${playlist}`,
    album: `"Album" ${Math.ceil((index + 1) / 2)}`,
    seconds: 180 + index,
  }))

/** How long a sound lasts that is played by its address. */
export const soundSeconds = 3

/** Streams play until somebody stops them. */
export const isStream = (uri: string): boolean => /^(x-rincon-mp3radio|x-sonosapi-\w+|aac|hls-radio):/u.test(uri)
