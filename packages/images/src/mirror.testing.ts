import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DebianPackage } from './apt.ts'

type Named = Readonly<Record<string, string>>

type More = { readonly links?: Named; readonly architecture?: string }

/** A mirror of Debian packages in a folder, with real packages that the real apt fetches, without a network. */
export type Mirror = {
  /** For `APT_CONFIG`: apt then knows this mirror and no other. */
  readonly config: string
  /** Puts a package there; the files are path to text, the links path to where they lead. @default for any architecture */
  readonly add: (name: string, version: string, files: Named, more?: More) => DebianPackage
  /** Takes a package away, as mirrors do when there is a newer one. */
  readonly remove: (wanted: DebianPackage) => void
}

/** Makes an empty mirror below a folder. */
export const makeMirror = (folder: string): Mirror => {
  const pool = join(folder, 'mirror')
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  mkdirSync(join(folder, 'lists/partial'), { recursive: true })
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true })
  write('status', '')
  write('sources.list', `deb [trusted=yes] file:${pool} ./\n`)
  write('mirror/Packages', '')
  const config = write(
    'apt.conf',
    `Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::State "${folder}";
Dir::State::Lists "${folder}/lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Acquire::Retries "0";
`,
  )
  const stanzas = new Map<string, string>()
  const index = (changed: string): void => {
    stanzas.delete(changed)
    const files = readdirSync(pool).filter((name) => name.endsWith('.deb'))
    for (const name of files) if (!stanzas.has(name)) stanzas.set(name, stanza(pool, name))
    write('mirror/Packages', files.map((name) => stanzas.get(name)).join('\n'))
  }
  return {
    config,
    add: (name, version, files, { links = {}, architecture = 'all' } = {}) => {
      const deb = `${name}_${version}_${architecture}.deb`
      const tree = join(folder, 'tree')
      write('tree/DEBIAN/control', control(name, version, architecture))
      for (const [path, text] of Object.entries(files)) write(join('tree', path), text)
      for (const [path, to] of Object.entries(links)) symlinkSync(to, join(tree, path))
      execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, join(pool, deb)], { stdio: 'ignore' })
      rmSync(tree, { recursive: true })
      index(deb)
      return { name, version, sha256: hash(join(pool, deb)) }
    },
    remove: ({ name, version }) => {
      const deb = `${name}_${version}_all.deb`
      rmSync(join(pool, deb))
      index(deb)
    },
  }
}

const control = (name: string, version: string, architecture: string): string =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: A Test <a@example.org>\nDescription: made by a test\n`

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

const stanza = (pool: string, deb: string): string => {
  const fields = execFileSync('dpkg-deb', ['--field', join(pool, deb)], { encoding: 'utf8' })
  const size = readFileSync(join(pool, deb)).length
  return `${fields}Filename: ./${deb}\nSize: ${size}\nSHA256: ${hash(join(pool, deb))}\n`
}
