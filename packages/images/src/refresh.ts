import { basePackages } from './base.ts'
import { type Bundles, bundleServices } from './bundle.ts'
import { newestPackages } from './debian.ts'
import { onDisk } from './disk.ts'
import { placeServices } from './dist.ts'
import { gitPackages } from './git.ts'
import {
  type Architecture,
  architectures,
  type Bases,
  type BaseLock,
  type GitLock,
  type ImagesLock,
  oursOf,
  readLock,
  tagOf,
  writeLock,
} from './lock.ts'
import { lockedNode, nodeProgram } from './node.ts'
import type { Failure } from './outcome.ts'

type Locked = { readonly ok: true; readonly lock: ImagesLock } | Failure

/** Bundles the programs of our images and writes what they are called now into the lock. */
export const refreshLock = async (root: string): Promise<Locked> => {
  const read = await readLock(root)
  return read.ok ? refreshed(root, read.lock) : read
}

const refreshed = async (root: string, lock: ImagesLock): Promise<Locked> => {
  const bundled = await bundleServices(root)
  if (!bundled.ok) return bundled
  const placed = await placeServices(root, bundled.bundles)
  if (!placed.ok) return placed
  return writeOurs(root, lock, bundled.bundles)
}

/** Writes the names of our images, given their bundles, into the lock. */
export const writeOurs = async (root: string, lock: ImagesLock, bundles: Bundles): Promise<Locked> => {
  const fresh = { ...lock, ours: oursOf(bundles, lock) }
  const written = await writeLock(root, fresh)
  return written.ok ? { ok: true, lock: fresh } : written
}

/** Writes what the sandbox's own pods are called and made of into the lock. */
export const lockThirdParty = async (root: string, thirdParty: ImagesLock['thirdParty']): Promise<Locked> => {
  const read = await readLock(root)
  if (!read.ok) return read
  const lock = { ...read.lock, thirdParty }
  const written = await writeLock(root, lock)
  return written.ok ? { ok: true, lock } : written
}

/** Writes the digests under which images of ours were pushed into the lock. A name that has moved on meanwhile keeps none. */
export const lockDigests = async (
  root: string,
  pushed: readonly { readonly name: string; readonly tag: string; readonly digest: string }[],
): Promise<Locked> => {
  const read = await readLock(root)
  if (!read.ok) return read
  const known = pushed.filter(({ name, tag }) => read.lock.ours[name]?.tag === tag)
  const ours = Object.fromEntries(known.map(({ name, tag, digest }) => [name, { tag, digest }]))
  const lock = { ...read.lock, ours: { ...read.lock.ours, ...ours } }
  const written = await writeLock(root, lock)
  return written.ok ? { ok: true, lock } : written
}

/** Where the sources are, and where what was fetched is kept. */
type Place = { readonly root: string; readonly cache: string }

/** Takes what Debian's mirror and the toolchain have now as the pinned inputs of our images, for each architecture. */
export const relock = (place: Place): Promise<Locked> => onDisk(place.cache, () => relocked(place))

const relocked = async (place: Place): Promise<Locked> => {
  const amd64 = await newestBase(place, 'amd64')
  if (!amd64.ok) return amd64
  const arm64 = await newestBase(place, 'arm64')
  if (!arm64.ok) return arm64
  const known = await readLock(place.root)
  const { thirdParty, ours } = known.ok ? known.lock : { thirdParty: {}, ours: {} }
  return refreshed(place.root, {
    version: 2,
    base: { amd64: amd64.base, arm64: arm64.base },
    git: { amd64: amd64.git, arm64: arm64.git },
    thirdParty,
    ours,
  })
}

type Newest = { readonly ok: true; readonly base: BaseLock; readonly git: GitLock } | Failure

const newestBase = async (place: Place, architecture: Architecture): Promise<Newest> => {
  const node = await lockedNode(place.root, architecture)
  if (!node.ok) return node
  const program = await nodeProgram(node, architecture, place)
  if (!program.ok) return program
  const debian = await newestPackages([...basePackages, ...gitPackages], architecture)
  if (!debian.ok) return debian
  const [own, git] = [basePackages, gitPackages].map((names: readonly string[]) =>
    debian.packages.filter(({ name }) => names.includes(name)),
  ) as [BaseLock['debian'], GitLock]
  const { version, integrity } = node
  const { sha256 } = program
  return { ok: true, base: { node: { version, integrity, sha256 }, debian: own }, git }
}

/** What in the lock is out of step with the sources and the toolchain, each in a sentence; changes nothing. */
export const lockProblems = async (root: string): Promise<string[]> => {
  const read = await readLock(root)
  if (!read.ok) return [`${read.message}; ${read.fix}`]
  const { base } = read.lock
  const bundled = await bundleServices(root)
  if (!bundled.ok) return [`${bundled.message}; ${bundled.fix}`]
  const older = await Promise.all(
    architectures.map((architecture) => olderNode(root, architecture, base[architecture])),
  )
  return [...older.flat(), ...otherTags(bundled.bundles, read.lock)]
}

const olderNode = async (root: string, architecture: Architecture, { node }: BaseLock): Promise<string[]> => {
  const toolchain = await lockedNode(root, architecture)
  if (!toolchain.ok) return [`${toolchain.message}; ${toolchain.fix}`]
  const { version, integrity } = toolchain
  if (node.version === version && node.integrity === integrity) return []
  return [
    `images.lock.json names Node ${node.version} for ${architecture} and the toolchain has ${version}; run: ./homeslice build --relock`,
  ]
}

const otherTags = (bundles: Bundles, { ours, ...bases }: Bases & Pick<ImagesLock, 'ours'>): string[] =>
  [...new Set([...Object.keys(bundles), ...Object.keys(ours)])].flatMap((name) => {
    const bundle = bundles[name]
    const now = bundle === undefined ? 'none' : tagOf({ name, bundle }, bases)
    const then = ours[name]?.tag ?? 'none'
    return now === then
      ? []
      : [`images.lock.json calls ${name} ${then} and its sources make ${now}; run: ./homeslice build`]
  })
