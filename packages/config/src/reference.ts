import { catalog, type Entry } from '@homeslice/catalog'
import { z } from 'zod'
import { writtenHome } from './schema.ts'

/** The JSON Schema of the home file, so that editors complete and check it. */
export const jsonSchema = (): object => ({
  ...z.toJSONSchema(writtenHome, { io: 'input' }),
  title: 'A home of Homeslice',
})

type Node = {
  readonly type?: string
  /** Every key has one: a test asks. */
  readonly description: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly examples?: readonly string[]
}

/** A node that knows its keys. */
type Group = Node & { readonly properties: Readonly<Record<string, Node>> }

const isGroup = (node: Node): node is Group => node.properties !== undefined

const typeOf = (node: Node): string => {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ')
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`
  if (isGroup(node)) return `{ ${Object.keys(node.properties).join(', ')} }`
  if (typeof node.additionalProperties === 'object') return `names, each with ${typeOf(node.additionalProperties)}`
  return { string: 'text', integer: 'whole number', boolean: '`true`, `false`' }[node.type ?? ''] ?? 'anything'
}

/** The group of keys that a section is about: below its names, below its items. */
const groupIn = (node: Node): Group | undefined => {
  if (isGroup(node)) return node
  if (node.items !== undefined) return groupIn(node.items)
  return typeof node.additionalProperties === 'object' ? groupIn(node.additionalProperties) : undefined
}

const escaped = (text: string): string => text.replaceAll('|', '\\|')

/** A default that is said in a word; an empty text or list says nothing. */
const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value) && value !== ''

const table = ({ properties, required = [] }: Group): string[] => [
  '| key | what it holds | meaning |',
  '| --- | --- | --- |',
  ...Object.entries(properties).map(([key, node]) => {
    const example = node.examples?.[0] === undefined ? '' : ` Example: \`${node.examples[0]}\`.`
    const otherwise = isPlain(node.default) ? ` Default: \`${String(node.default)}\`.` : ''
    const must = required.includes(key) ? ' **Required.**' : ''
    return `| \`${key}\` | ${escaped(typeOf(node))} | ${escaped(node.description)}${example}${otherwise}${must} |`
  }),
]

/** A service of the catalog: what it does, what it brings, and what stands under `settings`. */
const entrySection = (entry: Entry): string[] => {
  const settings = z.toJSONSchema(entry.settings, { io: 'input' }) as Group
  const brings = [
    ...(entry.schedule === undefined ? [] : [`Runs at \`${entry.schedule}\` unless \`schedule\` says otherwise.`]),
    ...(entry.drives.length === 0 ? [] : [`Drives ${entry.drives.join(' and ')} devices.`]),
    ...Object.entries(entry.data ?? {}).map(([path, size]) => `Keeps a volume of ${size} at \`${path}\`.`),
  ]
  const below = Object.entries(settings.properties).flatMap(([key, node]) => {
    const group = groupIn(node)
    return group === undefined ? [] : ['', `\`${key}\`:`, '', ...table(group)]
  })
  return ['', `### \`use: ${entry.name}\``, '', [entry.summary, ...brings].join(' '), '', ...table(settings), ...below]
}

/** The reference of the home file for people, made from the same schema. */
export const homeReference = (): string => {
  const schema = jsonSchema() as Group
  const sections = Object.entries(schema.properties).flatMap(([key, node]) => {
    const group = groupIn(node)
    if (group === undefined) return []
    const below = Object.entries(group.properties).flatMap(([inner, child]) => {
      const found = groupIn(child)
      return found === undefined ? [] : ['', `### \`${key}\` · \`${inner}\``, '', ...table(found)]
    })
    return ['', `## \`${key}\``, '', node.description, '', ...table(group), ...below]
  })
  return [
    '# The home file',
    '',
    'One YAML file says what the home is; `homeslice check` tells all that is wrong with it, with line and column.',
    'Unknown keys are refused. Anchors, aliases, tags and tabs are not allowed. This page is made from the schema that checks the file.',
    '',
    ...table(schema),
    ...sections,
    '',
    '## The catalog',
    '',
    'What `use` can name, and what then stands under `settings`.',
    ...[...catalog.values()].flatMap(entrySection),
    '',
  ].join('\n')
}
