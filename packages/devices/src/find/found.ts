/** A device that answered a search, as far as it told of itself. */
export type Found = {
  readonly kind: 'kasa' | 'wemo' | 'sonos'
  readonly address: string
  /** Six pairs of hex digits with colons, in lower case. */
  readonly mac?: string
  readonly serial?: string
  /** What its owner called it. */
  readonly name?: string
  readonly model?: string
  /** A protocol that Homeslice must be told of, such as "klap". @default the plain one of its kind */
  readonly speaks?: string
}

/** A hardware address in one form, whatever the device writes between its digits; nothing for what is none. */
export const macOf = (value: unknown): string | undefined => {
  const digits = typeof value === 'string' ? value.replaceAll(/[:-]/gu, '').toLowerCase() : ''
  return /^[0-9a-f]{12}$/u.test(digits) ? (digits.match(/../gu) ?? []).join(':') : undefined
}

/** Words of a device as one short line that is safe on a terminal; nothing where none are left. */
export const wordsOf = (value: unknown): string | undefined => {
  const words =
    typeof value === 'string'
      ? value
          .replaceAll(/\p{Cc}|\p{Cf}/gu, ' ')
          .trim()
          .slice(0, 80)
      : ''
  return words === '' ? undefined : words
}

/** The same device seen twice is one, with all that it told; what it said first stays. */
export const merged = (seen: readonly Found[]): Found[] => {
  const devices = new Map<string, Found>()
  for (const one of seen) {
    const place = `${one.kind} ${one.address}`
    devices.set(place, { ...one, ...devices.get(place) })
  }
  return [...devices.values()].toSorted((a, b) => order(a).localeCompare(order(b)))
}

const order = ({ kind, address }: Found): string => {
  const padded = address.split('.').map((part) => part.padStart(3, '0'))
  return `${kind} ${padded.join('.')}`
}

/** Only what is known becomes a key. */
export const known = <Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
