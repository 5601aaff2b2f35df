import type { Names } from './names.ts'

/** A change of a file that is there: nothing where the file does not look as it is expected to. */
type Edit = (text: string, names: Names) => string | undefined

const afterLast = (text: string, pattern: RegExp, added: string): string | undefined => {
  const last = [...text.matchAll(pattern)].at(-1)
  if (last === undefined) return undefined
  const at = last.index + last[0].length
  return text.slice(0, at) + added + text.slice(at)
}

const imports = /^import .*$/gmu

/** `'services/x/src/main.ts'` among the programs, which stand in the order of their names. */
const program: Edit = (text, { name }) => {
  const block = /const programs: [^\n]*= \{\n(?<lines>[\s\S]*?)\n\}/u.exec(text)
  if (block?.groups === undefined) return undefined
  const at = block.index + block[0].indexOf('\n') + 1
  const lines = block.groups['lines']?.split('\n') ?? []
  const next = lines.findIndex((line) => (/^ {2}'?([\w-]+)'?:/u.exec(line)?.[1] ?? '') > name)
  const key = name.includes('-') ? `'${name}'` : name
  const more = lines.toSpliced(next < 0 ? lines.length : next, 0, `  ${key}: 'services/${name}/src/main.ts',`)
  return text.slice(0, at) + more.join('\n') + text.slice(at + lines.join('\n').length)
}

type Lock = { readonly packages: Readonly<Record<string, unknown>> }

/** What npm would write of the new workspace. */
const lock: Edit = (text, { name }) => {
  const parsed = JSON.parse(text) as Lock
  const packages = {
    ...parsed.packages,
    [`node_modules/@homeslice/${name}`]: { resolved: `services/${name}`, link: true },
    [`services/${name}`]: {
      name: `@homeslice/${name}`,
      version: '0.1.0',
      license: 'MIT',
      dependencies: { '@homeslice/service-kit': '*' },
      devDependencies: { '@homeslice/testing': '*' },
    },
  }
  const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')))
  return `${JSON.stringify({ ...parsed, packages: sorted }, undefined, 2)}\n`
}

/** Every file of a checkout that a new service is entered in. */
export const edits: Readonly<Record<string, Edit>> = {
  'package-lock.json': lock,
  'packages/catalog/src/catalog.ts': (text, { name, identifier }) => {
    const imported = afterLast(text, imports, `\nimport { ${identifier} } from './${name}.ts'`)
    return imported && afterLast(imported, /\basEntry\(\w+\)/gu, `, asEntry(${identifier})`)
  },
  'packages/catalog/src/index.ts': (text, { name, identifier }) =>
    `${text.trimEnd()}\nexport { ${identifier} } from './${name}.ts'\n`,
  'packages/images/src/bundle.ts': program,
  'packages/testing/src/contract/index.ts': (text, { name, identifier }) =>
    `${text.trimEnd()}\nexport { ${identifier}Rows, ${identifier}Starts } from './${name}.ts'\n`,
  'packages/testing/src/contract/run.ts': (text, { name, identifier, path }) => {
    const imported = afterLast(text, imports, `\nimport { ${identifier}Rows } from './${name}.ts'`)
    const key = name.includes('-') ? `'${name}'` : name
    const entry = `  ${key}: { prefixes: ['${path}'], rows: ${identifier}Rows },\n`
    const end = imported?.search(/^\} as const( satisfies .*)?$/mu) ?? -1
    return imported === undefined || end < 0 ? undefined : imported.slice(0, end) + entry + imported.slice(end)
  },
}
