import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, notBuilt } from './build.ts'
import { missingPackages, installPackages } from './debian.ts'
import { foldersFrom, type Folders } from './folders.ts'
import { guard } from './guard.ts'
import { withLock } from './lockfile.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import { fullDisks } from './preflight.ts'
import { makeSystemImages, missingImages } from './systemimages.ts'

/** How the sandbox's programs are installed. */
export type InstallOptions = {
  /** @default the folders that the environment names */
  readonly folders?: Folders
  /** @default nobody is told */
  readonly report?: Report
}

/**
 * Makes all that a sandbox needs on this machine: the Debian packages that are
 * missing (as root; named first), the programs built from their modules, the
 * images of its own pods. Does nothing when all is there. Two at once wait for
 * each other.
 */
export const install = async ({
  folders = foldersFrom(process.env),
  report = () => undefined,
}: InstallOptions = {}): Promise<Outcome<{ installed: string[] }>> => {
  const packages = missingPackages()
  if (packages.length === 0 && notBuilt(folders).length === 0 && missingImages(folders).length === 0) {
    return { ok: true, installed: [] }
  }
  return guard('installing the sandbox', async () => {
    const [full] = fullDisks(folders)
    if (full) return failure(full.message, full.fix)
    return withLock(`${folders.cache}/install`, report, () => installMissing(folders, report))
  })
}

// Builds that were killed leave their folders; nobody else builds while the lock is held.
const removeHalfBuilt = (folders: Folders): void => {
  const bin = join(folders.cache, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const name of readdirSync(bin)) {
    if (name.endsWith('.new')) rmSync(join(bin, name), { recursive: true, force: true })
  }
}

const installMissing = async (folders: Folders, report: Report): Promise<Outcome<{ installed: string[] }>> => {
  const packages = missingPackages()
  const system = await installPackages(packages, report)
  if (!system.ok) return system
  removeHalfBuilt(folders)
  const built = await build(folders, report)
  if (!built.ok) return built
  const images = await makeSystemImages(folders, report)
  if (!images.ok) return images
  return { ok: true, installed: [...packages, ...built.built] }
}
