/** `./homeslice test [--quick]`: every check of this repository in order, ending in one line `N passed, N failed`. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Count = { readonly passed: number; readonly failed: number }
type Step = { readonly name: string; readonly command: readonly string[]; readonly count: (code: number) => Count }

const root = join(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const scratch = mkdtempSync(join(tmpdir(), 'homeslice-test-'))
const report = join(scratch, 'vitest.json')

const one = (code: number): Count => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

/** The runner's own count; a runner that died before it counted is one failure, and so is a coverage bar not reached. */
const counted = (code: number): Count => {
  try {
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
    }
    return { passed, failed: code !== 0 && failed === 0 ? 1 : failed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

const steps = (quick: boolean): readonly Step[] => [
  { name: 'format', command: [bin('oxfmt'), '--check', '.'], count: one },
  { name: 'lint', command: [bin('oxlint'), '--type-aware'], count: one },
  { name: 'types', command: [bin('tsc'), '--noEmit'], count: one },
  ...(quick
    ? []
    : [{ name: 'sandbox', command: [process.execPath, join(import.meta.dirname, 'sandbox.ts')], count: one }]),
  {
    name: quick ? 'tests without a cluster' : 'tests, with a cluster',
    command: [
      bin('vitest'),
      'run',
      ...(quick ? ['--project', 'quick'] : ['--coverage']),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    count: counted,
  },
]

type Ratio = { readonly total: number; readonly covered: number }
type Covered = { readonly lines: Ratio; readonly branches: Ratio }

/** What the tests ran through, by package; a line each. Nothing where no coverage was asked for. */
const coverage = (): string[] => {
  const path = join(root, 'coverage/coverage-summary.json')
  if (!existsSync(path)) return []
  const files = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, Covered>)
  const packages = Map.groupBy(
    files.filter(([file]) => file !== 'total'),
    ([file]) => file.slice(root.length + 1).replace(/\/src\/.*$/u, ''),
  )
  const percent = (all: readonly Ratio[]): string => {
    const sum = (of: keyof Ratio): number => all.reduce((so, ratio) => so + ratio[of], 0)
    return ((100 * sum('covered')) / Math.max(1, sum('total'))).toFixed(1).padStart(5)
  }
  return [...packages].map(
    ([name, all]) =>
      `${name.padEnd(24)} lines ${percent(all.map(([, of]) => of.lines))} %  branches ${percent(all.map(([, of]) => of.branches))} %`,
  )
}

/** Runs a step with its output shown as it comes. */
const run = ([program = '', ...args]: readonly string[]): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', () => resolve(127))
    child.on('close', (code) => resolve(code ?? 1))
  })

const unknown = process.argv.slice(2).filter((word) => word !== '--quick')
if (unknown.length > 0) {
  process.stderr.write(`homeslice test: ${unknown.join(' ')} is not known here; it takes --quick or nothing.\n`)
  process.exit(2)
}

rmSync(join(root, 'coverage'), { recursive: true, force: true })
const total = { passed: 0, failed: 0 }
for (const { name, command, count } of steps(process.argv.includes('--quick'))) {
  const started = performance.now()
  process.stdout.write(`\n== ${name}\n`)
  const { passed, failed } = count(await run(command))
  total.passed += passed
  total.failed += failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`== ${name}: ${failed === 0 ? 'ok' : 'FAILED'} in ${seconds} s\n`)
}
rmSync(scratch, { recursive: true, force: true })
process.stdout.write(
  coverage()
    .map((line) => `${line}\n`)
    .join(''),
)
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`)
process.exitCode = total.failed === 0 ? 0 : 1
