import { createHash } from 'node:crypto'
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Recipe, writeImage, writerVersion } from '@homeslice/images'
import { builtNames } from './built.ts'
import type { ImageTar } from './containers.ts'
import type { Folders } from './folders.ts'
import { failure, type Outcome, type Report } from './outcome.ts'
import type { PartImages } from './parts/manifest.ts'

type SystemImage = ImageTar & { readonly program: string }

const systemUser = '65532:65532'

const names = ['pause', 'coredns', 'traefik'] as const

/** The images of the sandbox's own pods, each with one program and nothing else. */
export const systemImages = (folders: Folders): SystemImage[] => {
  const [built, references] = [builtNames(), partImages()]
  return names.map((name) => ({
    reference: references[name],
    tar: join(folders.cache, 'images', `${name}-${tagOf(built[name])}.tar`),
    program: join(folders.cache, 'bin', built[name], name),
  }))
}

/** Names of the system images. */
export const partImages = (): PartImages & Readonly<Record<(typeof names)[number], string>> => {
  const built = builtNames()
  const reference = (name: (typeof names)[number]) => `homeslice.dev/${name}:${tagOf(built[name])}`
  return { pause: reference('pause'), coredns: reference('coredns'), traefik: reference('traefik') }
}

/** The hash of all that decides what an image is: how its program is built, what is around it, and how images are written. */
export const tagOf = (built: string, arch: string = process.arch): string =>
  createHash('sha256')
    .update(JSON.stringify([writerVersion, built, recipeOf('', arch)]))
    .digest('hex')
    .slice(0, 12)

/** The system images whose tars are not made yet. The digest is written last. */
export const missingImages = (folders: Folders): SystemImage[] =>
  systemImages(folders).filter(({ tar }) => !isUsable(tar) || !isUsable(digestPath(tar)))

/** Whether a file is there. It is in use from now on: touched, so that nobody takes it for an old one. */
const isUsable = (path: string): boolean => {
  try {
    const now = new Date()
    utimesSync(path, now, now)
    return true
  } catch {
    return existsSync(path)
  }
}

const digestPath = (tar: string): string => tar.replace(/tar$/u, 'digest')

/** What the images of other people's programs are called and what they turned out to be on this machine. */
export const thirdPartyImages = (folders: Folders): Record<string, ThirdParty> =>
  Object.fromEntries(
    systemImages(folders)
      .filter(({ program }) => !program.endsWith('/pause'))
      .map(({ tar, program, reference }) => [
        program.replace(/^.*\//u, ''),
        { tag: reference.replace(/^.*:/u, ''), digest: readFileSync(digestPath(tar), 'utf8').trim() },
      ]),
  )

/** One image of somebody else's program: the hash of its recipe and the digest that it makes. */
export type ThirdParty = { readonly tag: string; readonly digest: string }

/** Which images of this machine are not what was locked, each in a sentence. Digests are locked for amd64. */
export const unlikeLock = (folders: Folders, locked: Readonly<Record<string, ThirdParty>>): string[] =>
  process.arch === 'x64'
    ? Object.entries(thirdPartyImages(folders)).flatMap(([name, { tag, digest }]) => {
        const expected = locked[name]
        if (expected?.tag === tag && expected.digest === digest) return []
        return [`${name} became ${digest} here, and images.lock.json names ${expected?.digest ?? 'none'}`]
      })
    : []

/** Makes the image tars that are missing. */
export const makeSystemImages = async (folders: Folders, report: Report): Promise<Outcome> => {
  for (const { tar, program, reference } of missingImages(folders)) {
    const task = `image ${reference}`
    report({ task, state: 'start' })
    try {
      const cache = join(folders.cache, 'images')
      const { digest } = await writeImage(recipeOf(program), { out: tar, reference, cache })
      writeFileSync(digestPath(tar), `${digest}\n`)
    } catch (error) {
      const message = `the image ${reference} cannot be written to ${tar}: ${(error as Error).message}`
      report({ task, state: 'failed', detail: message })
      return failure(message, 'make room on the disk, or look at the owner of that folder')
    }
    report({ task, state: 'done' })
  }
  return { ok: true }
}

const recipeOf = (program: string, arch: string = process.arch): Recipe => ({
  layers: [
    [
      { path: 'main', mode: 0o755, content: { kind: 'file', from: program } },
      { path: 'tmp', mode: 0o1777, content: { kind: 'folder' } },
    ],
  ],
  entrypoint: ['/main'],
  user: systemUser,
  architecture: arch === 'arm64' ? 'arm64' : 'amd64',
})
