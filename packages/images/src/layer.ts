import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { Store } from './store.ts'

/** One thing in a layer. Times are always zero, so that the same content gives the same bytes. */
export type Entry = {
  /** Absolute path in the image. */
  readonly path: string
  /** @default 0o755 for folders, 0o644 for text and files; links have none of their own */
  readonly mode?: number
  /** @default 0 */
  readonly uid?: number
  /** @default 0 */
  readonly gid?: number
  readonly content:
    | { readonly kind: 'folder' }
    | { readonly kind: 'text'; readonly text: string | Buffer }
    | { readonly kind: 'file'; readonly from: string }
    | { readonly kind: 'link'; readonly to: string }
}

/** A layer of an image: its entries, in any order. */
export type Layer = readonly Entry[]

/** A layer that is costly to gather: `key` names all that decides its content, so that it is gathered once. */
export type KeyedLayer = { readonly key: string; readonly entries: () => Promise<Layer> }

/** A layer as it lies in the store: compressed bytes by digest, and the digest of what is inside. */
export type StoredLayer = { readonly digest: string; readonly diffId: string; readonly bytes: number }

/** `sha256:` and the hash, as OCI names content. */
export const digestOf = (content: Buffer | string): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

const compress = promisify(gzip)

/** Compresses a layer into the store, or finds it there. */
export const storeLayer = async (layer: Layer | KeyedLayer, cache: string): Promise<StoredLayer> => {
  if ('key' in layer)
    return once(cache, `layers/${layer.key}.json`, async () => storeLayer(await layer.entries(), cache))
  const tar = await tarOf(layer)
  const diffId = digestOf(tar)
  return once(cache, `layers/${diffId.slice('sha256:'.length)}.json`, async () => {
    const compressed = await compress(tar, { level: 6 })
    const stored = { digest: digestOf(compressed), diffId, bytes: compressed.length }
    await new Store(cache).write(blobPath(stored.digest), compressed)
    return stored
  })
}

/** What an earlier run made, if all of it is still there; else made now. */
const once = async (cache: string, name: string, make: () => Promise<StoredLayer>): Promise<StoredLayer> => {
  const store = new Store(cache)
  const known = await store.readJson<StoredLayer>(name)
  if (known !== undefined && (await store.use(blobPath(known.digest), known.bytes)) && (await store.use(name)))
    return known
  const stored = await make()
  await store.write(name, JSON.stringify(stored))
  return stored
}

/** Where a blob lies in the store. */
export const blobPath = (digest: string): string => `blobs/${digest.slice('sha256:'.length)}`

const nameOf = ({ path }: Entry): string => path.replace(/^\/+/u, '')

/** The entries as an uncompressed tar: sorted, parents first, every time zero; of two with one path the later counts. */
export const tarOf = async (layer: Layer): Promise<Buffer> => {
  const archive = pack()
  const chunks: Buffer[] = []
  archive.on('data', (chunk) => chunks.push(chunk as Buffer))
  const done = new Promise<void>((resolve, reject) => archive.on('end', resolve).on('error', reject))
  const byName = new Map(layer.map((entry) => [nameOf(entry), entry]))
  for (const [name, entry] of [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1))) await add(archive, name, entry)
  archive.finalize()
  await done
  return Buffer.concat(chunks)
}

const add = async (
  archive: ReturnType<typeof pack>,
  name: string,
  { mode, uid = 0, gid = 0, content }: Entry,
): Promise<void> => {
  const common = { uid, gid, mtime: new Date(0) }
  if (content.kind === 'folder') {
    archive.entry({ ...common, name: `${name}/`, type: 'directory', mode: mode ?? 0o755 })
  } else if (content.kind === 'link') {
    archive.entry({ ...common, name, type: 'symlink', linkname: content.to, mode: 0o777 })
  } else {
    const bytes = content.kind === 'text' ? Buffer.from(content.text as string) : await readFile(content.from)
    archive.entry({ ...common, name, mode: mode ?? 0o644, size: bytes.length }, bytes)
  }
}
