import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeImage, type Recipe } from '@homeslice/images'
import { builtNames } from './built.ts'
import type { ImageTar } from './containers.ts'
import type { Folders } from './folders.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import type { PartImages } from './parts/manifest.ts'

type SystemImage = ImageTar & { readonly program: string }

const systemUser = '65532:65532'

/** The images of the sandbox's own pods, each with one program and nothing else. Tags are the hashes of what is inside. */
export const systemImages = (folders: Folders): SystemImage[] => {
  const built = builtNames()
  const { pause, coredns, traefik } = partImages()
  const image = (name: 'pause' | 'coredns' | 'traefik', reference: string): SystemImage => ({
    reference,
    tar: join(folders.cache, 'images', `${built[name]}.tar`),
    program: join(folders.cache, 'bin', built[name], name),
  })
  return [image('pause', pause), image('coredns', coredns), image('traefik', traefik)]
}

/** Names of the system images. */
export const partImages = (): PartImages & { readonly pause: string } => {
  const built = builtNames()
  const reference = (name: 'pause' | 'coredns' | 'traefik') => `homeslice.dev/${built[name].replace('-', ':')}`
  return { pause: reference('pause'), coredns: reference('coredns'), traefik: reference('traefik') }
}

/** The system images whose tars are not made yet. */
export const missingImages = (folders: Folders): SystemImage[] =>
  systemImages(folders).filter(({ tar }) => !existsSync(tar))

/** Makes the image tars that are missing. */
export const makeSystemImages = async (folders: Folders, report: Report): Promise<Outcome> => {
  for (const { tar, program, reference } of missingImages(folders)) {
    const task = `image ${reference}`
    report({ task, state: 'start' })
    try {
      await writeImage(recipeOf(program), { out: tar, reference, cache: join(folders.cache, 'images') })
    } catch (error) {
      const message = `the image ${reference} cannot be written to ${tar}: ${(error as Error).message}`
      report({ task, state: 'failed', detail: message })
      return failure(message, 'make room on the disk, or look at the owner of that folder')
    }
    report({ task, state: 'done' })
  }
  return { ok: true }
}

const recipeOf = (program: string): Recipe => ({
  layers: [
    [
      { path: 'main', mode: 0o755, content: { kind: 'file', from: program } },
      { path: 'tmp', mode: 0o1777, content: { kind: 'folder' } },
    ],
  ],
  entrypoint: ['/main'],
  user: systemUser,
  architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
})
