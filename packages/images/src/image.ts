import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack, type Pack } from 'tar-stream'
import type { Architecture } from './lock.ts'
import { blobPath, digestOf, type KeyedLayer, type Layer, type StoredLayer, storeLayer } from './layer.ts'
import { Store } from './store.ts'

/** An image: its layers, lowest first, and how it starts. */
export type Recipe = {
  readonly layers: readonly (Layer | KeyedLayer)[]
  readonly entrypoint: readonly string[]
  /** `uid:gid` */
  readonly user: string
  /** @default none */
  readonly env?: Readonly<Record<string, string>>
  /** @default / */
  readonly workingFolder?: string
  readonly labels?: Readonly<Record<string, string>>
  /** @default amd64 */
  readonly architecture?: Architecture
}

/** An image put together: the documents that describe it, and its layers, which lie in the store. */
export type Assembled = {
  readonly architecture: Architecture
  readonly config: string
  readonly manifest: string
  /** Of the manifest. */
  readonly digest: string
  readonly layers: readonly StoredLayer[]
}

/** An image that was written: its name, the digest of its manifest, and the compressed size of each layer. */
export type WrittenImage = {
  readonly reference: string
  readonly digest: string
  readonly bytes: number
  readonly layers: readonly StoredLayer[]
}

/** Where an image goes, what it is called, and where layers are kept for the next one. */
export type Target = { readonly out: string; readonly reference: string; readonly cache: string }

/** What OCI calls the documents. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/** Puts an image together. The same recipe gives the same bytes and digests, whenever and wherever. */
export const assembleImage = async (recipe: Recipe, cache: string): Promise<Assembled> => {
  const layers: StoredLayer[] = []
  for (const layer of recipe.layers) layers.push(await storeLayer(layer, cache))
  const config = JSON.stringify(configOf(recipe, layers))
  const manifest = JSON.stringify(manifestOf(config, layers))
  return { architecture: recipe.architecture ?? 'amd64', config, manifest, digest: digestOf(manifest), layers }
}

/** The document that names one image for several architectures. */
export const indexOf = (images: readonly Assembled[], annotations?: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: images.map(({ architecture, digest, manifest }) => ({
      mediaType: mediaTypes.manifest,
      digest,
      size: Buffer.byteLength(manifest),
      ...(annotations === undefined ? {} : { annotations }),
      platform: { os: 'linux', architecture },
    })),
  })

/** Writes an image as an OCI layout in a tar. */
export const writeImage = async (recipe: Recipe, { out, reference, cache }: Target): Promise<WrittenImage> => {
  const image = await assembleImage(recipe, cache)
  const { config, manifest, digest, layers } = image
  const index = indexOf([image], {
    'io.containerd.image.name': reference,
    'org.opencontainers.image.ref.name': tagOf(reference),
  })
  await writeTar(out, [
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
    ['index.json', index],
    [`blobs/sha256/${digestOf(config).slice(7)}`, config],
    [`blobs/sha256/${digest.slice(7)}`, manifest],
    ...layersIn(layers, new Store(cache)),
  ])
  const bytes = layers.reduce(
    (sum, layer) => sum + layer.bytes,
    Buffer.byteLength(config) + Buffer.byteLength(manifest),
  )
  return { reference, digest, bytes, layers }
}

const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1)

const configOf = (recipe: Recipe, layers: readonly StoredLayer[]): object => ({
  architecture: recipe.architecture ?? 'amd64',
  os: 'linux',
  created: '1970-01-01T00:00:00Z',
  config: {
    User: recipe.user,
    Entrypoint: recipe.entrypoint,
    Env: Object.entries(recipe.env ?? {}).map(([name, value]) => `${name}=${value}`),
    WorkingDir: recipe.workingFolder ?? '/',
    Labels: recipe.labels ?? {},
  },
  rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
})

const manifestOf = (config: string, layers: readonly StoredLayer[]): object => ({
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  config: {
    mediaType: mediaTypes.config,
    digest: digestOf(config),
    size: Buffer.byteLength(config),
  },
  layers: layers.map(({ digest, bytes }) => ({
    mediaType: mediaTypes.layer,
    digest,
    size: bytes,
  })),
})

type Piece = readonly [name: string, content: string | { readonly path: string; readonly bytes: number }]

const layersIn = (layers: readonly StoredLayer[], store: Store): Piece[] =>
  layers
    .filter(({ digest }, index) => layers.findIndex((other) => other.digest === digest) === index)
    .map(({ digest, bytes }) => [`blobs/sha256/${digest.slice(7)}`, { path: store.path(blobPath(digest)), bytes }])

const fill = async (archive: Pack, pieces: readonly Piece[]): Promise<void> => {
  for (const [name, content] of pieces) {
    const header = { name, mtime: new Date(0), mode: 0o644 }
    if (typeof content === 'string') archive.entry(header, content)
    else await pipeline(createReadStream(content.path), archive.entry({ ...header, size: content.bytes }))
  }
  archive.finalize()
}

/** Written beside its place, then renamed: a half-written tar is never found under the final name. */
const writeTar = async (out: string, pieces: readonly Piece[]): Promise<void> => {
  const half = `${out}.${randomUUID()}`
  await mkdir(dirname(out), { recursive: true })
  const archive = pack()
  const written = pipeline(archive, createWriteStream(half, { flush: true }))
  try {
    // Either may fail first, and nobody must be left to wait for the other.
    await Promise.all([written, fill(archive, pieces)])
    await rename(half, out)
  } catch (error) {
    archive.destroy()
    await written.catch(() => undefined)
    await rm(half, { force: true })
    throw error
  }
}
