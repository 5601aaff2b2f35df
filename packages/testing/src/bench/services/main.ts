/**
 * `npm run bench:services [SERVICE…]`: what each service costs as it ships, beside what the original cost and what it may,
 * from one run on one machine. It fails only when something does not work: machines are noisy, and a clock is no test.
 */
import { availableParallelism, loadavg } from 'node:os'
import { makeFleet } from '../../fleet/fleet.ts'
import type { Figures } from './figures.ts'
import { measure } from './measure.ts'
import { sumOf, tableOf } from './table.ts'

const print = (lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''))

const asked = process.argv.slice(2)
const fleet = await makeFleet('127.0.14')
try {
  const unknown = asked.filter((word) => !fleet.members.some(({ name }) => name === word))
  if (unknown.length > 0) {
    const known = fleet.members.map(({ name }) => name).join(', ')
    process.stderr.write(`npm run bench:services: ${unknown.join(' ')} is no service; there are ${known}.\n`)
    process.exitCode = 2
  }
  // What waits for a processor takes longer: times from a machine that others use say more about them than about us.
  const [busy = 0] = loadavg()
  print([`${availableParallelism()} processors, ${busy.toFixed(1)} programs that want them`, ''])
  const all = new Map<string, Figures>()
  const wanted = fleet.members.filter(({ name }) => asked.length === 0 || asked.includes(name))
  for (const member of unknown.length > 0 ? [] : wanted) {
    const figures = await measure(member, fleet)
    all.set(member.name, figures)
    print(tableOf(member.name, figures))
  }
  print(sumOf(all))
} finally {
  await fleet.stop()
}
