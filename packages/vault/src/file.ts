import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Document, isMap, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { failure, type Failure } from './outcome.ts'

/** How a secret is called: its Secret in the cluster is NAME-vN. */
export const namePattern = /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/u

const secret = z.strictObject({
  version: z.int().min(1).max(999_999),
  value: z.string().startsWith('-----BEGIN AGE ENCRYPTED FILE-----'),
})

const vaultFile = z.strictObject({
  version: z.literal(1),
  recipients: z.array(z.string().regex(/^age1[0-9a-z]+$/u, 'is no age recipient (age1…)')).min(1),
  secrets: z.record(z.string().regex(namePattern, 'is no name for a secret'), secret),
})

/** What a vault's file says, without any key. */
type VaultFile = z.infer<typeof vaultFile>

/** A vault's file as it was read, with its comments, to be changed in place. */
export type Opened = { readonly ok: true; readonly data: VaultFile; readonly document: Document }

const heading = ` Secrets of this home, each encrypted with age: safe in git, useless without the identity of one recipient.
 Change them with \`homeslice secrets set NAME\`; what is edited by hand is refused.`

const sizeLimit = 16 * 1024 * 1024

/** An empty vault for these recipients. */
export const emptyVault = (recipients: readonly string[]): Document => {
  const document = parseDocument('version: 1\nrecipients: []\nsecrets: {}\n')
  document.commentBefore = heading
  document.set('recipients', document.createNode([...recipients]))
  document.set('secrets', document.createNode({}))
  return document
}

/** Reads a vault's file. A missing one is a vault without secrets. */
export const openFile = async (
  path: string,
): Promise<Opened | Failure | { readonly ok: true; readonly data: undefined }> => {
  try {
    const found = await stat(path)
    if (found.size > sizeLimit)
      return failure(`${path} is larger than 16 MB`, 'that is no vault of ours; name another home file', { file: path })
    return parseFile(await readFile(path, 'utf8'), path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') return { ok: true, data: undefined }
    return failure(`the secrets cannot be read (${code})`, 'look at the rights of that file', { file: path })
  }
}

/** The same from text: damage of any kind is told with its place. */
const parseFile = (text: string, path: string): Opened | Failure => {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 0 } as Parameters<typeof parseDocument>[1])
  const conflict = /^(<<<<<<<|=======|>>>>>>>)/mu.exec(text)
  if (conflict !== null) {
    return failure('the file holds a merge conflict', 'keep one side of each conflict, whole', {
      file: path,
      line: text.slice(0, conflict.index).split('\n').length,
      column: 1,
    })
  }
  const [broken] = document.errors
  if (broken !== undefined)
    return failure(
      `this is not YAML: ${broken.message.split('\n')[0]}`,
      'take the file back from git',
      place(broken.pos[0]),
    )
  const parsed = vaultFile.safeParse(document.toJS())
  if (parsed.success) return { ok: true, data: parsed.data, document }
  const [issue] = parsed.error.issues
  const at = (issue?.path ?? []).filter((step) => typeof step !== 'symbol')
  const node: unknown = at.length > 0 ? document.getIn(at, true) : document.contents
  const range =
    typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
      ? Number(node.range[0])
      : 0
  return failure(
    `${at.join('.') || 'the file'}: ${issue?.message ?? 'is not what it should be'}`,
    'take the file back from git',
    place(range),
  )
}

/** Secrets in the order of their names, so that changes of two people merge. */
const sortSecrets = (document: Document): void => {
  const secrets = document.get('secrets')
  if (isMap(secrets)) secrets.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1))
}

/** Writes whole or not at all: beside its place, flushed, then renamed; an existing file keeps its mode. */
export const writeFileWhole = async (path: string, document: Document): Promise<void> => {
  sortSecrets(document)
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  )
  const half = `${path}.${randomUUID()}`
  try {
    const file = await open(half, 'wx', mode)
    try {
      await file.writeFile(document.toString({ lineWidth: 0 }))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(half, path)
    await using folder = await open(dirname(path), 'r')
    await folder.sync()
  } catch (error) {
    await rm(half, { force: true })
    throw error
  }
}
