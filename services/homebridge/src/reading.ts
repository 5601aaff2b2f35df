/** How an accessory tells on from off: by these texts, or by the number in the answer. */
export type Reading = { readonly on?: string | undefined; readonly off?: string | undefined }

/**
 * On or off, from the body of a status as homebridge-http 0.1.0 reads it. With both texts given they are looked for in
 * the body, and off wins; a body that begins like an object is parsed and compared; any other has its non-digits taken
 * away, and more than 0 is on. Clients' configurations rely on each of these.
 */
export const isOn = (body: string, { on, off }: Reading): boolean => {
  const hasTexts = on !== undefined && on !== '' && off !== undefined && off !== ''
  if (!hasTexts) return digitsOf(body) > 0
  if (body.startsWith('{')) return isSame(body, on, off)
  return !body.includes(off) && body.includes(on)
}

const digitsOf = (body: string): number => Number.parseInt(body.replaceAll(/\D/gu, ''), 10)

const isSame = (body: string, on: string, off: string): boolean => {
  const said = canonical(body)
  return said !== canonical(off) && said === canonical(on)
}

/** JSON without the freedom of spaces; what is none stays as it is. */
const canonical = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
