import { onDisk } from '../disk.ts'
import type { Failure, Report } from '../outcome.ts'
import { type Part, readParts } from '../parts.ts'
import { lockDigests } from '../refresh.ts'
import { sweepCache } from '../sweep.ts'
import { assembleAll, type Bundle } from './assemble.ts'
import { Registry } from './registry.ts'
import { send } from './send.ts'

/** What to push and where to. */
export type PushOptions = {
  /** The checkout with the sources. */
  readonly root: string
  /** Layers and packages are kept here. */
  readonly cache: string
  /** A registry, and the path in it below which each image has its repository: `registry.casa.test/home`. */
  readonly registry: string
  /** The images to push. */
  readonly names: readonly string[]
  /** `DOCKER_CONFIG` or `HOME` say where logins are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly report: Report
  readonly signal: AbortSignal
  /** Pauses between tries, in milliseconds. @default half a second, doubled three times */
  readonly pauses?: readonly number[]
}

/** The images that were not there yet, and how many bytes of layers were sent for them. */
export type Pushed = { readonly ok: true; readonly pushed: readonly string[]; readonly bytes: number }

type To = { readonly registry: Registry; readonly repositoryOf: (part: Part) => string }

/**
 * Brings images of ours to a registry, for every architecture under one name, and locks the digests of those names. What
 * is known to be there is not even built.
 */
export const pushImages = async (options: PushOptions): Promise<Pushed | Failure> => {
  const read = await readParts(options.root)
  if (!read.ok) return read
  const parts = read.parts.filter(({ name }) => options.names.includes(name))
  const [host = '', ...path] = options.registry.split('/')
  const repositoryOf = ({ name }: Part): string => [...path, name].join('/')
  const { env, signal, pauses = [500, 1000, 2000, 4000] } = options
  const connected = await Registry.connect({ host, env, signal, pauses, repositories: parts.map(repositoryOf) })
  if (!connected.ok) return connected
  const to: To = { registry: connected.registry, repositoryOf }
  const missing = await missingIn(to, parts)
  if (!missing.ok) return missing
  if (missing.parts.length === 0) return { ok: true, pushed: [], bytes: 0 }
  const built = await onDisk(options.cache, () => assembleAll(options, read.lock, missing.parts))
  if (!built.ok) return built
  const sent = await sendAll(options, built.bundles, to)
  if (!sent.ok) return sent
  const locked = await lockDigests(
    options.root,
    built.bundles.map(({ part: { name, tag }, digest }) => ({ name, tag, digest })),
  )
  if (!locked.ok) return locked
  await sweepCache(options.cache, [])
  return sent
}

const missingIn = async (
  { registry, repositoryOf }: To,
  parts: readonly Part[],
): Promise<{ readonly ok: true; readonly parts: readonly Part[] } | Failure> => {
  const missing: Part[] = []
  for (const part of parts) {
    const has = part.digest === undefined ? undefined : await registry.hasManifest(repositoryOf(part), part.digest)
    if (has?.ok === false) return has
    if (has?.there !== true) missing.push(part)
  }
  return { ok: true, parts: missing }
}

const sendAll = async (
  { cache, report }: PushOptions,
  bundles: readonly Bundle[],
  { registry, repositoryOf }: To,
): Promise<Pushed | Failure> => {
  const holders = new Map<string, string>()
  const pushed: string[] = []
  let bytes = 0
  for (const bundle of bundles) {
    const sent = await send(bundle, { registry, repository: repositoryOf(bundle.part), cache, report, holders })
    if (!sent.ok) return sent
    if (!sent.there) pushed.push(bundle.part.name)
    bytes += sent.bytes
  }
  return { ok: true, pushed, bytes }
}
