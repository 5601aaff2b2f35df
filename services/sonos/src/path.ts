/** Where a gateway brings requests with their public path. */
const publicPrefix = '/api/v0/sonos'

/** A path as it was sent, without its query; a proxy may send the whole URL. */
const pathOf = (target: string): string => {
  const path = target.replace(/\?.*$/su, '')
  return path.startsWith('/') ? path : path.replace(/^[a-z]+:\/\/[^/]*/iu, '')
}

/** A path without doubled slashes and dots. */
const clean = (path: string): string => {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}${parts.length > 0 && path.endsWith('/') ? '/' : ''}`
}

/** Where a request goes: the parts of its path, each decoded by itself, or the clean path that it should have asked for. */
export type Way = { readonly parts: readonly string[] } | { readonly redirect: string }

/** Reads a request's target, whose percent-encoding is known to be sound; its public prefix may stand before it. */
export const wayOf = (target: string): Way => {
  const path = pathOf(target)
  const tidy = clean(path)
  const query = /\?.*$/su.exec(target)?.[0] ?? ''
  // Browsers take a backslash for a slash, and two of them for another host.
  if (tidy !== path) return { redirect: (tidy + query).replaceAll('\\', '%5C') }
  const inner = path.startsWith(`${publicPrefix}/`) ? path.slice(publicPrefix.length) : path
  return { parts: inner.split('/').slice(1).map(decode) }
}

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    // Sound as percent-encoding, but no UTF-8: no id of ours.
    return part
  }
}
