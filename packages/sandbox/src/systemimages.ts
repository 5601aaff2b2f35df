import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { builtNames } from './built.ts'
import { pauseImage } from './config/containerd.ts'
import type { ImageTar } from './containers.ts'
import type { Folders } from './folders.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import type { PartImages } from './parts/manifest.ts'

/** The images of the sandbox's own pods. Tags are the hashes of what is inside. */
export const systemImages = (folders: Folders): ImageTar[] => {
  const built = builtNames()
  const tar = (name: 'pause' | 'coredns' | 'traefik') => join(folders.cache, 'images', `${built[name]}.tar`)
  const { coredns, traefik } = partImages()
  return [
    { reference: pauseImage, tar: tar('pause') },
    { reference: coredns, tar: tar('coredns') },
    { reference: traefik, tar: tar('traefik') },
  ]
}

/** Names of the images of CoreDNS and Traefik. */
export const partImages = (): PartImages => {
  const built = builtNames()
  const reference = (name: 'coredns' | 'traefik') => `homeslice.dev/${built[name].replace('-', ':')}`
  return { coredns: reference('coredns'), traefik: reference('traefik') }
}

/** The system images whose tars are not made yet. */
export const missingImages = (folders: Folders): ImageTar[] =>
  systemImages(folders).filter(({ tar }) => !existsSync(tar))

/** Makes the image tars that are missing. */
export const makeSystemImages = async (folders: Folders, _report: Report): Promise<Outcome> => {
  const [missing] = missingImages(folders)
  return missing ? failure(`no image ${missing.tar}`, 'build it') : { ok: true }
}
