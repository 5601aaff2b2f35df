import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { type Assembled, mediaTypes } from '../image.ts'
import { blobPath, digestOf } from '../layer.ts'
import type { Failure, Report } from '../outcome.ts'
import { Store } from '../store.ts'
import type { Bundle } from './assemble.ts'
import { type Blob, bodyOf, type Registry } from './registry.ts'

/** To which repository of which registry, from which store, and whom to tell. */
export type Errand = {
  readonly registry: Registry
  readonly repository: string
  readonly cache: string
  readonly report: Report
  /** Which repository holds a blob since this push began: the next one that needs it can take it over from there. */
  readonly holders: Map<string, string>
}

type Sent = { readonly ok: true; readonly bytes: number } | Failure
type Named = { readonly ok: true; readonly bytes: number; readonly there: boolean } | Failure

/** Brings an image to a registry, with each step told. `there` says that it was there before. */
export const send = async (bundle: Bundle, errand: Errand): Promise<Named> => {
  const task = `push ${bundle.part.name}`
  const { report } = errand
  report({ task, state: 'start' })
  const sent = await sendAll(bundle, { ...errand, task })
  if (sent.ok) report({ task, state: 'done', detail: sent.there ? 'it was there' : `${megabytes(sent.bytes)} sent` })
  else report({ task, state: 'failed' })
  return sent
}

type Task = Errand & { readonly task: string }

/** Layers first, then what names them: nothing in a registry ever names what is not there. */
const sendAll = async ({ part, images, index, digest }: Bundle, errand: Task): Promise<Named> => {
  const { registry, repository } = errand
  const has = await registry.hasManifest(repository, digest)
  if (!has.ok) return has
  if (has.there) return { ok: true, bytes: 0, there: true }
  let bytes = 0
  for (const image of images) {
    const sent = await sendImage(image, errand)
    if (!sent.ok) return sent
    bytes += sent.bytes
  }
  const named = await registry.describe(repository, part.tag, { mediaType: mediaTypes.index, text: index })
  return named.ok ? { ok: true, bytes, there: false } : named
}

const sendImage = async (image: Assembled, errand: Task): Promise<Sent> => {
  const { registry, repository, holders } = errand
  let bytes = 0
  for (const blob of blobsOf(image, errand)) {
    const sent = await registry.upload(repository, blob, holders.get(blob.digest))
    if (!sent.ok) return sent
    holders.set(blob.digest, repository)
    bytes += sent.sent
  }
  const { digest, manifest } = image
  const named = await registry.describe(repository, digest, { mediaType: mediaTypes.manifest, text: manifest })
  return named.ok ? { ok: true, bytes } : named
}

const blobsOf = ({ layers, config, architecture }: Assembled, { cache, report, task }: Task): Blob[] => {
  const store = new Store(cache)
  const tell = (sent: number, whole: number): void =>
    report({ task, state: 'progress', detail: `${architecture}: ${megabytes(sent)} of ${megabytes(whole)}` })
  return [
    ...layers.map(({ digest, bytes }) => ({
      digest,
      bytes,
      open: () => Readable.from(telling(createReadStream(store.path(blobPath(digest))), (sent) => tell(sent, bytes))),
    })),
    { digest: digestOf(config), ...bodyOf(config) },
  ]
}

/** How often progress is told, in bytes. */
const stride = 1 << 20

async function* telling(source: AsyncIterable<Buffer>, tell: (sent: number) => void): AsyncGenerator<Buffer> {
  let sent = 0
  for await (const chunk of source) {
    const before = sent
    sent += chunk.length
    if (Math.floor(before / stride) < Math.floor(sent / stride)) tell(sent)
    yield chunk
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
