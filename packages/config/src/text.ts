import {
  constructFromEvents,
  CORE_SCHEMA,
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  parseEvents,
  YAMLException,
} from 'js-yaml'
import { inOrder, type Locate, type Path, type Problem } from './problem.ts'

/** How deep a home file may nest, and how large it may be. */
export const limits = { depth: 64, bytes: 4 * 1024 * 1024 } as const

/** A file's data with the place of each value, or what keeps it from being read. */
export type ParsedText =
  | { readonly ok: true; readonly value: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[] }

type Events = ReturnType<typeof parseEvents>
type Node = { readonly start: number; readonly children: Map<string, Node> }

/** Reads YAML 1.2 without its surprises: no anchors, aliases, tags, tabs, duplicate keys or second documents. */
export const parseText = (input: string, file: string): ParsedText => {
  const text = input.startsWith('\uFEFF') ? input.slice(1) : input
  const place = placer(text)
  const refuse = (offset: number, message: string, fix: string): ParsedText => ({
    ok: false,
    problems: [{ file, ...place(offset), path: '', message, fix }],
  })
  if (Buffer.byteLength(text) > limits.bytes) {
    return refuse(
      0,
      'the file is larger than 4 MB',
      'move long texts into files of their own and name them with `from`',
    )
  }
  const control = text.search(forbidden)
  if (control >= 0) return refuse(control, 'the file holds a character that no text has', 'save it as UTF-8 text')
  try {
    const events = parseEvents(text, { filename: file, maxDepth: limits.depth })
    const findings = refusals(events, text)
    if (findings.length > 0) {
      const problems = findings.map(({ offset, message, fix }) => ({ file, ...place(offset), path: '', message, fix }))
      return { ok: false, problems: inOrder(problems) }
    }
    const tree = treeOf(events, text)
    const locate: Locate = (path) => place(startOf(tree, path))
    const [value] = constructFromEvents(events, { source: text, filename: file, schema: CORE_SCHEMA })
    if (value !== undefined && value !== null) return { ok: true, value, locate }
    return refuse(0, 'the file is empty', 'write one with `homeslice init`')
  } catch (error) {
    // Anything else is a bug of ours, to be seen as it is.
    /* v8 ignore next -- @preserve */
    if (!(error instanceof YAMLException && error.mark)) throw error
    const { reason, mark } = error
    return refuse(mark.position, ...explain(reason, lineAt(text, mark.position)))
  }
}

// oxlint-disable-next-line no-control-regex -- control characters and lone surrogates are what it looks for
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u

const lineAt = (text: string, offset: number): string => {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, end < 0 ? undefined : end)
}

const explain = (reason: string, line: string): [message: string, fix: string] => {
  if (/^\s*\t/u.test(line) || reason.includes('tab character')) {
    return ['the line is indented with a tab', 'indent with spaces: YAML allows no tabs there']
  }
  if (reason.includes('duplicated mapping key')) {
    return ['this key stands here twice', 'keep one of the two']
  }
  if (/depth|nest/u.test(reason)) return [`the file nests deeper than ${limits.depth}`, 'write it flatter']
  return [`this is not YAML: ${reason}`, 'look at this line and the one above: quotes, colons, indentation']
}

type Refusal = { readonly offset: number; readonly message: string; readonly fix: string }

const refusals = (events: Events, text: string): Refusal[] => {
  const found: Refusal[] = []
  let documents = 0
  for (const event of events) {
    if (event.type === EVENT_DOCUMENT) documents += 1
    if (event.type === EVENT_ALIAS) {
      found.push({ offset: event.anchorStart, message: 'aliases (*name) are not allowed', fix: 'write the value out' })
    }
    if (event.type === EVENT_SCALAR && getScalarValue(text, event) === '__proto__') {
      found.push({ offset: event.valueStart, message: '"__proto__" is no name here', fix: 'choose another' })
    }
    if (event.type !== EVENT_SCALAR && event.type !== EVENT_MAPPING && event.type !== EVENT_SEQUENCE) continue
    if (event.anchorStart >= 0) {
      found.push({ offset: event.anchorStart, message: 'anchors (&name) are not allowed', fix: 'remove the anchor' })
    }
    if (event.tagStart >= 0) {
      found.push({ offset: event.tagStart, message: 'tags (!name) are not allowed', fix: 'remove the tag' })
    }
  }
  if (documents > 1) {
    found.push({ offset: 0, message: 'the file holds several documents', fix: 'keep one: remove the lines `---`' })
  }
  return found
}

/** Where each value stands: under its key for mappings, under its index for lists. */
const treeOf = (events: Events, text: string): Node => {
  const root: Node = { start: 0, children: new Map() }
  const stack: { node: Node; mapping: boolean; key: { name: string; start: number } | undefined }[] = []
  const attach = (start: number): Node => {
    const node: Node = { start, children: new Map() }
    const parent = stack.at(-1)
    if (parent === undefined) return root
    if (!parent.mapping) {
      parent.node.children.set(String(parent.node.children.size), node)
      return node
    }
    if (parent.key === undefined) return node // a mapping or list as a key: the schema refuses it
    // A value's place is its key's: that is where people look, and an empty value has none of its own.
    const placed: Node = { start: parent.key.start, children: node.children }
    parent.node.children.set(parent.key.name, placed)
    parent.key = undefined
    return placed
  }
  for (const event of events) {
    if (event.type === EVENT_POP) stack.pop()
    if (event.type === EVENT_MAPPING || event.type === EVENT_SEQUENCE) {
      stack.push({ node: attach(event.start), mapping: event.type === EVENT_MAPPING, key: undefined })
    }
    if (event.type === EVENT_SCALAR) {
      const parent = stack.at(-1)
      if (parent?.mapping === true && parent.key === undefined) {
        parent.key = { name: getScalarValue(text, event), start: event.valueStart }
      } else attach(event.valueStart)
    }
  }
  return root
}

const startOf = (tree: Node, path: Path): number => {
  let node = tree
  for (const step of path) {
    const next = node.children.get(String(step))
    if (next === undefined) break
    node = next
  }
  return node.start
}

/** Offsets as line and column; a line ends with LF, with or without CR. */
const placer = (text: string): ((offset: number) => { line: number; column: number }) => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (Number(starts[middle]) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - Number(starts[low]) + 1 }
  }
}
