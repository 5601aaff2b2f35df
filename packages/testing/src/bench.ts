/**
 * `npm run bench`: how long things take, beside their bars, from one run on one machine.
 * It prints medians and ratios and never fails: machines are noisy, and a clock is no test.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeslice, root, run } from './command.ts'
import { houseText } from './house.ts'

type Row = { readonly what: string; readonly bar: number; readonly seconds: readonly number[] }

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const timed = async (
  work: () => Promise<{ readonly code: number | null; readonly stderr: string }>,
): Promise<number> => {
  const started = performance.now()
  const { code, stderr } = await work()
  if (code !== 0) throw new Error(stderr)
  return (performance.now() - started) / 1000
}

const repeat = async (times: number, work: () => Promise<number>): Promise<number[]> => {
  const all: number[] = []
  for (let index = 0; index < times; index += 1) all.push(await work())
  return all
}

/** A home of so many services, with an edge from each to the next. */
const generated = (count: number): string => {
  const services = Array.from({ length: count }, (_, index) => {
    const next = `s${(index + 1) % count}`
    return `  s${index}: { image: "registry.test/s${index}:1", port: 8080, needs: [${next}], env: { NEXT: { service: ${next} } }, routes: [{ who: home, paths: [/s${index}] }] }`
  })
  return `version: 1\nhome: { name: casa, timezone: UTC, domain: casa.test }\nservices:\n${services.join('\n')}\n`
}

const folder = await mkdtemp('/tmp/bench-')
const env = { HOMESLICE_STATE: join(folder, 'state') }
const hundred = join(folder, 'hundred.yaml')
const house = join(folder, 'home.yaml')
await writeFile(hundred, generated(100))
await writeFile(house, houseText())

const rows: Row[] = []
try {
  await homeslice(['--help'])
  const node = await repeat(15, () => timed(() => run(process.execPath, ['-e', '0'])))
  rows.push({ what: 'bare node, for comparison', bar: 0, seconds: node })
  rows.push({ what: '--help', bar: 0.08, seconds: await repeat(15, () => timed(() => homeslice(['--help']))) })
  rows.push({
    what: 'check of 100 services',
    bar: 0.4,
    seconds: await repeat(9, () => timed(() => homeslice(['check', hundred]))),
  })
  rows.push({
    what: 'render of 100 services',
    bar: 1.5,
    seconds: await repeat(9, () => timed(() => homeslice(['render', hundred]))),
  })
  if (process.getuid?.() === 0) {
    const up = (): Promise<number> => timed(() => homeslice(['up', '--file', house], { env }))
    await up()
    const fresh: number[] = []
    for (let round = 0; round < 3; round += 1) {
      await homeslice(['destroy', '--yes', '--file', house], { env })
      fresh.push(await up())
    }
    rows.push({ what: 'up, from nothing to every service ready', bar: 20, seconds: fresh })
    rows.push({ what: 'up, nothing to change', bar: 0, seconds: await repeat(5, up) })
  }
} finally {
  await run(join(root, 'homeslice'), ['sandbox', 'destroy', '--yes'], { env })
  await rm(folder, { recursive: true, force: true })
}
for (const { what, bar, seconds } of rows) {
  const middle = median(seconds)
  const beside = bar === 0 ? '' : `  bar ${bar} s  ratio ${(middle / bar).toFixed(2)}`
  process.stdout.write(`${what.padEnd(42)} median ${middle.toFixed(3)} s  N=${seconds.length}${beside}\n`)
}
