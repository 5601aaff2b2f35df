import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { finish, parseShape, type ReadHome } from './parse.ts'
import type { Finding, Path } from './problem.ts'
import type { WrittenHome } from './schema.ts'
import { limits } from './text.ts'

/** What a ConfigMap can hold, with room for its own keys. */
const fileLimit = 900 * 1024

/** Reads a home file and the files that it names. `file` is what problems call it. */
export const readHome = async (path: string, file = path): Promise<ReadHome> => {
  const read = await readText(path, limits.bytes + 1)
  if (!read.ok) {
    return { ok: false, problems: [{ file, line: 1, column: 1, path: '', ...read.problem }], warnings: [] }
  }
  const shaped = parseShape(read.text, file)
  if (!shaped.ok) return shaped
  return finish(shaped, file, await readNamed(shaped.written, dirname(path)))
}

type Read =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: { readonly message: string; readonly fix: string } }

const readText = async (path: string, limit: number): Promise<Read> => {
  try {
    const found = await stat(path)
    if (!found.isFile()) return refused('is no file', 'name a file')
    if (found.size > limit) return refused(`is larger than ${Math.floor(limit / 1024)} KB`, 'make it smaller')
    const bytes = await readFile(path)
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { ok: true, text }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const [message, fix] = reasons[String(code)] ?? [`cannot be read (${code})`, 'look at the path and the disk']
    return refused(message, fix)
  }
}

const refused = (message: string, fix: string): Read => ({ ok: false, problem: { message, fix } })

const reasons: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  ENOENT: ['there is no such file', 'name another with --file, or write one with `homeslice init`'],
  ENOTDIR: ['there is no such file', 'a part of its path is a file, not a folder'],
  EACCES: ['may not be read', 'give yourself the right to read it: chmod u+r'],
  EPERM: ['may not be read', 'give yourself the right to read it: chmod u+r'],
  EISDIR: ['is a folder', 'name a file'],
  ELOOP: ['is a link that leads to itself', 'name the file itself'],
  ERR_ENCODING_INVALID_ENCODED_DATA: ['is not UTF-8 text', 'save it as UTF-8'],
  ENAMETOOLONG: ['there is no such file: the name is too long', 'name another with --file'],
}

type Named = { readonly from: string; readonly at: Path }

const namedFiles = (written: WrittenHome): Named[] => {
  const of = (files: object | undefined, at: Path): Named[] =>
    Object.entries(files ?? {}).flatMap(([target, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && 'from' in value && typeof value.from === 'string'
        ? [{ from: value.from, at: [...at, target, 'from'] }]
        : [],
    )
  return [
    ...Object.entries(written.services).flatMap(([name, { files }]) => of(files, ['services', name, 'files'])),
    ...Object.entries(written.environments ?? {}).flatMap(([env, { services }]) =>
      Object.entries(services ?? {}).flatMap(([name, change]) =>
        change === false ? [] : of(change.files, ['environments', env, 'services', name, 'files']),
      ),
    ),
  ]
}

const readNamed = async (
  written: WrittenHome,
  folder: string,
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly findings: readonly Finding[] }> => {
  const texts = new Map<string, string>()
  const findings: Finding[] = []
  for (const { from, at } of namedFiles(written)) {
    const read = await readBeside(folder, from)
    if (read.ok) texts.set(from, read.text)
    else findings.push({ path: at, message: `${from}: ${read.problem.message}`, fix: read.problem.fix })
  }
  return { texts, findings }
}

/** Only what lies beside the home file or below: a home file from elsewhere must not pick up this machine's secrets. */
const readBeside = async (folder: string, from: string): Promise<Read> => {
  const base = await realpath(folder)
  const path = resolve(base, from)
  const real = await realpath(path).catch(() => path)
  if (![path, real].every((one) => one.startsWith(base + sep))) {
    return refused('lies outside the folder of the home file', 'move it beside the home file')
  }
  return readText(path, fileLimit)
}
