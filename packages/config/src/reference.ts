import { z } from 'zod'
import { writtenHome } from './schema.ts'

/** The JSON Schema of the home file, so that editors complete and check it. */
export const jsonSchema = (): object => ({
  ...z.toJSONSchema(writtenHome, { io: 'input' }),
  title: 'A home of Homeslice',
})

type Node = {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly examples?: readonly string[]
}

const typeOf = (node: Node): string => {
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ')
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`
  if (node.type === 'object' && node.properties === undefined)
    return `names, each with ${typeOf(objectIn(node.additionalProperties))}`
  if (node.properties !== undefined) return `{ ${Object.keys(node.properties).join(', ')} }`
  return { string: 'text', integer: 'whole number', boolean: '`true`, `false`' }[node.type ?? ''] ?? 'anything'
}

const objectIn = (node: Node | boolean | undefined): Node => (typeof node === 'object' ? node : {})

/** The group of keys that a section is about: below its names, below its items. */
const groupIn = (node: Node): Node | undefined => {
  if (node.properties !== undefined) return node
  if (node.type === 'array' && node.items !== undefined) return groupIn(node.items)
  return typeof node.additionalProperties === 'object' ? groupIn(node.additionalProperties) : undefined
}

const escaped = (text: string): string => text.replaceAll('|', '\\|')

const table = ({ properties = {}, required = [] }: Node): string[] => [
  '| key | what it holds | meaning |',
  '| --- | --- | --- |',
  ...Object.entries(properties).map(([key, node]) => {
    const example = node.examples?.[0] === undefined ? '' : ` Example: \`${node.examples[0]}\`.`
    const must = required.includes(key) ? ' **Required.**' : ''
    return `| \`${key}\` | ${escaped(typeOf(node))} | ${escaped(node.description ?? '')}${example}${must} |`
  }),
]

/** The reference of the home file for people, made from the same schema. */
export const homeReference = (): string => {
  const schema: Node = jsonSchema()
  const sections = Object.entries(schema.properties ?? {}).flatMap(([key, node]) => {
    const group = groupIn(node)
    if (group === undefined) return []
    const below = Object.entries(group.properties ?? {}).flatMap(([inner, child]) => {
      const found = groupIn(child)
      return found === undefined ? [] : ['', `### \`${key}\` · \`${inner}\``, '', ...table(found)]
    })
    return ['', `## \`${key}\``, '', node.description ?? '', '', ...table(group), ...below]
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
  ].join('\n')
}
