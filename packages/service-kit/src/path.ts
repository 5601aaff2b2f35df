/**
 * The decoded path of a request target split on "/", as the original services did it: nothing is normalised, `%2F` adds
 * a part, a trailing slash gives an empty last part. Nothing for malformed percent-encoding.
 */
export const pathParts = (target: string): readonly string[] | undefined => {
  // Only a query ends a path: no client sends fragments, and the originals took "#" as a character like any other.
  const raw = target.replace(/\?.*$/su, '')
  // A proxy may send the whole URL as the target.
  const path = raw.startsWith('/') ? raw : raw.replace(/^[a-z]+:\/\/[^/]*/iu, '')
  return decode(path)?.split('/')
}

/** Percent-decoding of bytes; what is no UTF-8 then becomes a replacement character, as text must. */
const decode = (path: string): string | undefined => {
  if (/%(?![0-9a-f]{2})/iu.test(path)) return undefined
  const bytes = Buffer.from(
    path.replaceAll(/%([0-9a-f]{2})/giu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16))),
    'latin1',
  )
  return bytes.toString('utf8')
}
