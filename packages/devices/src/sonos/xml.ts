import { XMLParser } from 'fast-xml-parser'

/** A part of an XML document, without prefixes of namespaces. */
export type Element = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** All its text, its children's not. */
  readonly text: string
}

/**
 * Entities are ours to decode: the parser expands none, so that none can be defined, and order is kept, so that no name
 * of an element becomes the key of an object.
 */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  cdataPropName: '#cdata',
  maxNestedTags: 40,
})

/** Reads a document; nothing if it is none, or defines what it is made of. */
export const parseXml = (document: string): Element | undefined => {
  if (/<!(DOCTYPE|ENTITY)/iu.test(document)) return undefined
  try {
    const nodes = parser.parse(document) as readonly Node[]
    return elementsOf(nodes).find(({ name }) => !name.startsWith('?'))
  } catch {
    return undefined
  }
}

/** What the parser gives: one key with children, and the attributes under another. */
type Node = Readonly<Record<string, unknown>>

const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ':@') ?? ''

const elementsOf = (nodes: readonly Node[]): Element[] =>
  nodes.flatMap((node) => {
    const name = nameOf(node)
    if (name.startsWith('#')) return []
    const inside = node[name] as readonly Node[]
    const attributes = Object.entries((node[':@'] ?? {}) as Readonly<Record<string, unknown>>)
    return [
      {
        name,
        attributes: new Map(attributes.map(([key, value]) => [key, unescapeXml(String(value))])),
        children: elementsOf(inside),
        text: inside.map(textIn).join(''),
      },
    ]
  })

const textIn = (node: Node): string => {
  if (typeof node['#text'] === 'string') return unescapeXml(node['#text'])
  const raw = node['#cdata'] as readonly Node[] | undefined
  return (raw ?? []).map((one) => String(one['#text'])).join('')
}

/** The first child of this name. */
export const child = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((one) => one.name === name)

/** The first element of this name, at any depth. */
export const descendant = (element: Element | undefined, name: string): Element | undefined => {
  if (element === undefined || element.name === name) return element
  for (const one of element.children) {
    const found = descendant(one, name)
    if (found !== undefined) return found
  }
  return undefined
}

const named: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Text as it was before it was put into XML. What is no entity stays. */
export const unescapeXml = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));/giu, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return named.get(name) ?? whole
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
  })

/** Text as XML wants it, in elements and attributes alike. What XML cannot hold is left out. */
export const escapeXml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
