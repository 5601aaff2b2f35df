import { readFile, stat } from 'node:fs/promises'
import {
  type Alias,
  type Document,
  isNode,
  LineCounter,
  parseDocument,
  type ParsedNode,
  visit,
  type YAMLMap,
} from 'yaml'
import { z } from 'zod'
import { codeOf, failure, type Failure } from './outcome.ts'
import { writeWhole } from './whole.ts'

/** How a secret is called: its Secret in the cluster is NAME-vN-ID, or NAME-vN where its version has no id. */
export const namePattern = /^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/u

/** With its last line: a file that was cut in the middle of a value must not pass for one with fewer secrets. */
const sealed = /^-----BEGIN AGE ENCRYPTED FILE-----\n[^]*\n-----END AGE ENCRYPTED FILE-----\n*$/u

const secret = z.strictObject({
  version: z.int().min(1).max(999_999),
  /** Tells this version from the same number of another vault. Versions that were set before there were ids have none. */
  id: z
    .string()
    .regex(/^[0-9a-f]{6}$/u, 'is no id of a version')
    .optional(),
  value: z.string().regex(sealed, 'is no whole value that age has sealed'),
})

const vaultFile = z.strictObject({
  version: z.literal(1),
  recipients: z.array(z.string().regex(/^age1[0-9a-z]+$/u, 'is no age recipient (age1…)')).min(1),
  secrets: z.record(z.string().regex(namePattern, 'is no name for a secret'), secret),
})

/** What a vault's file says, without any key. */
export type VaultFile = z.infer<typeof vaultFile>

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
  let text: string
  try {
    const found = await stat(path)
    if (found.size > sizeLimit)
      return failure(`${path} is larger than 16 MB`, 'that is no vault of ours; name another home file', { file: path })
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return { ok: true, data: undefined }
    return failure(`the secrets cannot be read (${code})`, 'look at the rights of that file', { file: path })
  }
  return parseFile(text, path)
}

/** The same from text: damage of any kind is told with its place. */
const parseFile = (text: string, path: string): Opened | Failure => {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const document = parseDocument(text, { lineCounter: lines })
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
  const alias = firstAlias(document)
  if (alias !== undefined)
    return failure(
      `the file repeats a part of itself by "*${alias.source}"`,
      'take the file back from git',
      place(startOf(alias)),
    )
  const parsed = vaultFile.safeParse(document.toJS())
  if (parsed.success) return { ok: true, data: parsed.data, document }
  const [{ path: at, message }] = parsed.error.issues as [z.core.$ZodIssue]
  return failure(
    `${at.map(String).join('.') || 'the file'}: ${message}`,
    'take the file back from git',
    place(startOf(document.getIn(at, true))),
  )
}

/** A few aliases of aliases can stand for more than a memory holds; nothing that we write has any. */
const firstAlias = (document: Document): Alias | undefined => {
  let found: Alias | undefined
  visit(document, {
    Alias: (_, alias) => {
      found = alias
      return visit.BREAK
    },
  })
  return found
}

/** Where a part of the file begins; what is missing is missing from the whole file. */
const startOf = (part: unknown): number => (isNode(part) ? (part as ParsedNode).range[0] : 0)

/** Secrets in the order of their names, so that changes of two people merge. */
const sortSecrets = (document: Document): void => {
  const secrets = document.get('secrets') as YAMLMap
  secrets.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1))
}

/** Writes a vault whole or not at all; an existing file keeps its mode. */
export const writeFileWhole = async (path: string, document: Document): Promise<void> => {
  sortSecrets(document)
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o644,
  )
  await writeWhole(path, document.toString({ lineWidth: 0 }), mode, 'replace')
}
