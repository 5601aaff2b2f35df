import type { Row } from './row.ts'

/** Rows that a gateway answers by itself, each with the reason seen. */
export const gatewayException = (row: Row, prefixes: readonly string[]): string | undefined => {
  if (!prefixes.some((prefix) => row.path.startsWith(prefix))) return 'the gateway routes the public prefixes only'
  if (row.path.includes('//') || row.given?.some((step) => 'path' in step && step.path.includes('//')) === true) {
    return 'the gateway redirects to the path without doubled slashes'
  }
  if (/\/\.{1,2}\//u.test(row.path)) return 'the gateway resolves dots in a path by itself'
  if (/%(?![0-9a-f]{2})/iu.test(row.path)) return 'the gateway refuses malformed percent-encoding with words of its own'
  if (/%2f/iu.test(row.path)) return 'the gateway refuses escaped slashes: they are how path rules are got round'
  return undefined
}
