import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { AptError } from './apt.ts'
import { packageFiles } from './debian.ts'
import type { Entry, KeyedLayer, Layer } from './layer.ts'
import { type Architecture, baseKey, type BaseLock } from './lock.ts'
import { nodeProgram } from './node.ts'
import { failure, type Failure } from './outcome.ts'
import { entriesBelow, layerOf } from './unpacked.ts'

/** What Node needs of Debian: the C library, C++ runtime, timezones and certificates. No shell, no package manager. */
export const basePackages = ['ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'tzdata'] as const

/** Whom our containers run as. */
export const appUser = 10_001

/** Documents, translations, hooks of programs that are not there, and the certificates one by one. */
const unwanted = [
  /^\/usr\/share\/(doc|man|locale|lintian|bug|doc-base|gdb|gcc|ca-certificates|zoneinfo\/right)(\/|$)/u,
  /^\/usr\/lib\/[^/]+-linux-gnu\/(gconv|audit)(\/|$)/u,
  /^\/(etc\/ca-certificates|etc\/ld\.so\.conf\.d|etc\/init\.d|usr\/bin|usr\/sbin|sbin)(\/|$)/u,
]

type Sources = {
  readonly architecture: Architecture
  readonly base: BaseLock
  readonly root: string
  readonly cache: string
}

/**
 * The layer that all images of ours share. Every input is checked against the lock first, so that one that is missing
 * or another is a sentence and not half an image. Node is taken as it comes: stripping it would save 3 % of what is
 * sent and ask for a linker's tools on every machine.
 */
export const baseLayer = async (
  sources: Sources,
): Promise<{ readonly ok: true; readonly layer: KeyedLayer } | Failure> => {
  const { architecture, base, cache } = sources
  const { node } = base
  const program = await nodeProgram(node, architecture, sources)
  if (!program.ok) return program
  if (program.sha256 !== node.sha256) {
    return failure(
      `${program.path} is not the Node ${node.version} that images.lock.json names: its hash is ${program.sha256}`,
      'if the toolchain has a newer Node, take it with: ./homeslice build --relock; else remove toolchain/node_modules and try again',
    )
  }
  const files = await packageFiles(base.debian, { architecture, cache })
  if (!files.ok) return files
  const key = `base-${baseKey(architecture, base)}`
  return { ok: true, layer: { key, entries: () => gather(files.paths, program.path) } }
}

const gather = (files: readonly string[], program: string): Promise<Layer> =>
  layerOf(files, async (folder) => [
    ...(await entriesBelow(folder, (path) => !unwanted.some((pattern) => pattern.test(path)))),
    await certificates(folder),
    ...ownEntries(program),
  ])

/** Debian makes this bundle as it installs the package; here nothing is installed. */
const certificates = async (folder: string): Promise<Entry> => {
  const source = join(folder, 'usr/share/ca-certificates/mozilla')
  const names = (await readdir(source).catch(() => [])).filter((name) => name.endsWith('.crt')).toSorted()
  // Without any, every connection of every service would fail, and not before it is made.
  if (names.length === 0) throw new AptError(`no package brings certificates to ${relative(folder, source)}`)
  const bundle = await Promise.all(names.map((name) => readFile(join(source, name), 'utf8')))
  return text('/etc/ssl/certs/ca-certificates.crt', bundle.join(''))
}

const text = (path: string, content: string): Entry => ({ path, content: { kind: 'text', text: content } })

const ownEntries = (program: string): Entry[] => [
  { path: '/usr/bin', content: { kind: 'folder' } },
  { path: '/usr/bin/node', mode: 0o755, content: { kind: 'file', from: program } },
  text('/etc/passwd', `root:x:0:0:root:/:/nonexistent\napp:x:${appUser}:${appUser}:app:/app:/nonexistent\n`),
  text('/etc/group', `root:x:0:\napp:x:${appUser}:\n`),
  text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  { path: '/tmp', mode: 0o1777, content: { kind: 'folder' } },
  { path: '/app', content: { kind: 'folder' } },
]
