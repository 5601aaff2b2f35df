import { parseArgs } from 'node:util'

/** What the program was started for. */
export type Command =
  | {
      readonly kind: 'chime'
      readonly zone: string
      readonly title: string
      readonly uri: string
      /** From 0 to 100. */
      readonly volume: number
      /** The longest that the sound plays, in seconds. */
      readonly limit: number
    }
  | { readonly kind: 'sounds'; readonly folder: string }
  | { readonly kind: 'usage'; readonly message: string }

const usage = `usage: chime ZONE_ADDRESS TITLE URI [--player-volume 40] [--limit-seconds 6]
       chime serve-sounds FOLDER
  ZONE_ADDRESS    a speaker of the group that shall chime
  TITLE           what the speakers show meanwhile
  URI             where they fetch the sound
  --player-volume how loud, from 0 to 100; speakers that are muted stay so
  --limit-seconds a longer sound is cut off here
  serve-sounds    serves the mp3 files of a folder by HTTP`

/** Reads the words that the program was started with. */
export const commandOf = (args: readonly string[]): Command => {
  const words = wordsOf(args)
  if (words === undefined) return { kind: 'usage', message: usage }
  const [first = '', second = '', third = '', ...more] = words.positionals
  if (first === 'serve-sounds' && words.positionals.length === 2) return { kind: 'sounds', folder: second }
  if (third === '' || more.length > 0) return { kind: 'usage', message: usage }
  const volume = numberIn(words.values['player-volume'], [0, 100])
  const limit = numberIn(words.values['limit-seconds'], [0, 600])
  if (!/^[\w.:-]+$/u.test(first)) return { kind: 'usage', message: `"${first}" is no address of a speaker\n${usage}` }
  if (volume === undefined || !Number.isInteger(volume))
    return { kind: 'usage', message: `--player-volume must be a whole number from 0 to 100\n${usage}` }
  if (limit === undefined) return { kind: 'usage', message: `--limit-seconds must be from 0 to 600\n${usage}` }
  return { kind: 'chime', zone: first, title: second, uri: third, volume, limit }
}

const numberIn = (text: string, [least, most]: readonly [number, number]): number | undefined => {
  const value = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

const wordsOf = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'player-volume': { type: 'string', default: '40' },
        'limit-seconds': { type: 'string', default: '6' },
      },
      allowPositionals: true,
    })
  } catch {
    return undefined
  }
}
