import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { basePackages, hashOf, nodePackage, nodeProgram } from './base.ts'
import { type Bundles, bundleServices } from './bundle.ts'
import { newestPackages } from './debian.ts'
import { placeServices } from './dist.ts'
import { type BaseLock, type ImagesLock, oursOf, readLock, tagOf, writeLock } from './lock.ts'
import { failure, type Failure } from './outcome.ts'

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

/** Takes what Debian's mirror and the toolchain have now as the pinned inputs of our images. */
export const relock = async (root: string, machine: NodeJS.Architecture = process.arch): Promise<Locked> => {
  const architecture = machine === 'arm64' ? 'arm64' : 'amd64'
  const node = await lockedNode(root, architecture)
  if (!node.ok) return node
  const sha256 = await hashOf(nodeProgram(root, architecture))
  if (sha256 === undefined) {
    return failure(
      `${nodeProgram(root, architecture)} cannot be read`,
      'run ./homeslice once, which installs it, then try again',
    )
  }
  const debian = await newestPackages(basePackages)
  if (!debian.ok) return debian
  const { version, integrity } = node
  const base: BaseLock = { architecture, node: { version, integrity, sha256 }, debian: debian.packages }
  const known = await readLock(root)
  const { thirdParty, ours } = known.ok ? known.lock : { thirdParty: {}, ours: {} }
  return refreshed(root, { version: 1, base, thirdParty, ours })
}

const toolchainLock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
})

type Node = { readonly ok: true; readonly version: string; readonly integrity: string } | Failure

const lockedNode = async (root: string, architecture: BaseLock['architecture']): Promise<Node> => {
  const path = join(root, 'toolchain/package-lock.json')
  const name = nodePackage[architecture]
  const parsed = toolchainLock.safeParse(await readFile(path, 'utf8').then(JSON.parse, () => undefined))
  const { version, integrity } = parsed.data?.packages[`node_modules/${name}`] ?? {}
  if (version !== undefined && integrity !== undefined) return { ok: true, version, integrity }
  return failure(`${path} does not name ${name}`, 'take it back from git')
}

/** What in the lock is out of step with the sources and the toolchain, each in a sentence; changes nothing. */
export const lockProblems = async (root: string): Promise<string[]> => {
  const read = await readLock(root)
  if (!read.ok) return [`${read.message}; ${read.fix}`]
  const { base, ours } = read.lock
  const node = await lockedNode(root, base.architecture)
  if (!node.ok) return [`${node.message}; ${node.fix}`]
  const bundled = await bundleServices(root)
  if (!bundled.ok) return [`${bundled.message}; ${bundled.fix}`]
  return [...olderNode(base, node), ...otherTags(bundled.bundles, base, ours)]
}

const olderNode = ({ node }: BaseLock, { version, integrity }: { version: string; integrity: string }): string[] =>
  node.version === version && node.integrity === integrity
    ? []
    : [`images.lock.json names Node ${node.version} and the toolchain has ${version}; run: ./homeslice build --relock`]

const otherTags = (bundles: Bundles, base: BaseLock, ours: ImagesLock['ours']): string[] =>
  [...new Set([...Object.keys(bundles), ...Object.keys(ours)])].flatMap((name) => {
    const bundle = bundles[name]
    const now = bundle === undefined ? 'none' : tagOf(bundle, base)
    const then = ours[name]?.tag ?? 'none'
    return now === then
      ? []
      : [`images.lock.json calls ${name} ${then} and its sources make ${now}; run: ./homeslice build`]
  })
