import type { Home } from './home.ts'
import { type FileTexts, normalize } from './normalize.ts'
import { inOrder, type Finding, type Locate, type Problem, problemAt } from './problem.ts'
import { checkRules } from './rules/index.ts'
import { type WrittenHome, writtenHome } from './schema.ts'
import { checkShape } from './shape.ts'
import { parseText } from './text.ts'

/** A home that was read, or everything that keeps it from being one. */
export type ReadHome =
  | { readonly ok: true; readonly home: Home; readonly warnings: readonly Problem[]; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/** A home file whose shape is right. */
export type Shaped =
  | { readonly ok: true; readonly written: WrittenHome; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/** Text to the written home: YAML, version, shape. */
export const parseShape = (text: string, file: string): Shaped => {
  const parsed = parseText(text, file)
  if (!parsed.ok) return { ok: false, problems: parsed.problems, warnings: [] }
  const { locate, value } = parsed
  const refuse = (findings: readonly Finding[]): Shaped => ({
    ok: false,
    problems: inOrder(findings.map((finding) => problemAt(file, locate, finding))),
    warnings: [],
  })
  const newer = newerVersion(value)
  if (newer !== undefined) return refuse([newer])
  const shaped = checkShape(writtenHome, value)
  return shaped.ok ? { ok: true, written: shaped.value, locate } : refuse(shaped.findings)
}

/** A file of a later Homeslice is refused in one sentence, not in fifty about keys that this one does not know. */
const newerVersion = (value: unknown): Finding | undefined => {
  const version: unknown = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined
  if (typeof version !== 'number' || version <= 1) return undefined
  return {
    path: ['version'],
    message: `the file has version ${version}, and this Homeslice knows version 1`,
    fix: 'update Homeslice',
  }
}

/** The written home to a normalised one, if every rule holds. */
export const finish = (
  { written, locate }: { readonly written: WrittenHome; readonly locate: Locate },
  file: string,
  { texts, findings }: { readonly texts?: FileTexts; readonly findings?: readonly Finding[] } = {},
): ReadHome => {
  const home = normalize(written, texts)
  const all = [...(findings ?? []), ...checkRules(written, home)]
  const place = (finding: Finding): Problem => problemAt(file, locate, finding)
  const problems = inOrder(all.filter(({ warning }) => warning !== true).map(place))
  const warnings = inOrder(all.filter(({ warning }) => warning === true).map(place))
  return problems.length > 0 ? { ok: false, problems, warnings } : { ok: true, home, warnings, locate }
}

/** A home from text alone; `from` files are taken as empty. */
export const parseHome = (text: string, file = 'home.yaml'): ReadHome => {
  const shaped = parseShape(text, file)
  return shaped.ok ? finish(shaped, file) : shaped
}
