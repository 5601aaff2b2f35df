import { gunzipSync, gzipSync } from 'node:zlib'
import type { KubeObject } from '@homeslice/render'

/** What Kubernetes lets one object hold. */
const limit = 1024 * 1024

const key = 'objects.json.gz'

/** Objects as a record holds them; nothing where they are too large for it. */
export const pack = (objects: readonly KubeObject[]): Readonly<Record<string, string>> | undefined => {
  const packed = gzipSync(JSON.stringify(objects))
  return packed.byteLength > limit ? undefined : { [key]: packed.toString('base64') }
}

/** The objects that a record holds; nothing where it holds none that can be read. */
export const unpack = ({ data }: KubeObject): KubeObject[] | undefined => {
  const packed = (data as Readonly<Record<string, string>> | undefined)?.[key]
  if (packed === undefined) return undefined
  try {
    return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString('utf8')) as KubeObject[]
  } catch {
    return undefined
  }
}
