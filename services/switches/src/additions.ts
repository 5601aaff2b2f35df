/** What a switch may say beside what it is and where. */
export type Additions = {
  /** Of a Wemo device; a Kasa device's is always 9999. */
  readonly port?: number
  /** Where a Kasa device speaks KLAP, if not on port 80. */
  readonly klapPort?: number
  /** One outlet of a strip. */
  readonly child?: string
  /** The path of a file with the account of a Kasa device that wants one. */
  readonly account?: string
}

const wrong = 'wrong'
type Reader = (value: unknown) => { readonly value: string | number | undefined } | typeof wrong

const nothing = { value: undefined }

/** 0 is what Go writes for none. */
const port: Reader = (value) => {
  if (value === undefined || value === null || value === 0) return nothing
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535 ? { value } : wrong
}

const text: Reader = (value) => {
  if (value === undefined || value === null || value === '') return nothing
  return typeof value === 'string' ? { value } : wrong
}

/** An outlet's place may be written as the number that it is. */
const outlet: Reader = (value) => (typeof value === 'number' ? { value: String(value) } : text(value))

const readers: Readonly<Record<keyof Additions, { readonly read: Reader; readonly otherwise: string }>> = {
  port: { read: port, otherwise: 'has a port that is none' },
  klapPort: { read: port, otherwise: 'has a klapPort that is none' },
  child: { read: outlet, otherwise: 'has a child that is neither the place nor the name of an outlet' },
  account: { read: text, otherwise: 'has an account that is no path of a file' },
}

/** Reads them from keys in lower case, or says what is wrong with one. */
export const additionsOf = (keys: Readonly<Record<string, unknown>>): Additions | string => {
  const found: Record<string, string | number> = {}
  for (const [key, { read, otherwise }] of Object.entries(readers)) {
    const said = read(keys[key.toLowerCase()])
    if (said === wrong) return otherwise
    if (said.value !== undefined) found[key] = said.value
  }
  return found
}
