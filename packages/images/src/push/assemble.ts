import { type Assembled, assembleImage, indexOf } from '../image.ts'
import { digestOf } from '../layer.ts'
import { architectures, type ImagesLock } from '../lock.ts'
import { failure, type Failure, type Report } from '../outcome.ts'
import { commonLayers, type Part, recipeOf } from '../parts.ts'

/** An image for all architectures: the image of each, and the index that names them, with its digest. */
export type Bundle = {
  readonly part: Part
  readonly images: readonly Assembled[]
  readonly index: string
  readonly digest: string
}

/** Where the sources are, where layers are kept, whom to tell. */
type Place = { readonly root: string; readonly cache: string; readonly report: Report }

/** Builds images of ours for all architectures. One that is locked by its digest must come out the same. */
export const assembleAll = async (
  { root, cache, report }: Place,
  lock: ImagesLock,
  parts: readonly Part[],
): Promise<{ readonly ok: true; readonly bundles: readonly Bundle[] } | Failure> => {
  const images = new Map<Part, Assembled[]>(parts.map((part) => [part, []]))
  for (const architecture of architectures) {
    const task = `images for ${architecture}`
    report({ task, state: 'start' })
    const shared = await commonLayers(lock, architecture, { root, cache })
    if (!shared.ok) {
      report({ task, state: 'failed' })
      return shared
    }
    for (const [part, made] of images)
      made.push(await assembleImage(recipeOf(part, architecture, shared.layers), cache))
    report({ task, state: 'done' })
  }
  const bundles = [...images].map(([part, made]): Bundle => {
    const index = indexOf(made)
    return { part, images: made, index, digest: digestOf(index) }
  })
  return bundles.map(otherThanLocked).find((found) => found !== undefined) ?? { ok: true, bundles }
}

const otherThanLocked = ({ part, digest }: Bundle): Failure | undefined =>
  part.digest === undefined || part.digest === digest
    ? undefined
    : failure(
        `${part.name} became ${digest} here, and images.lock.json names ${part.digest} for the same inputs`,
        'take images.lock.json back from git; if that does not help, use neither before you know why',
      )
