/**
 * `npm run bench [PART…]`: how long things take, beside their bars, from one run on one machine. It prints medians and
 * ratios and fails only when something does not work: machines are noisy, and a clock is no test.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { homeslice } from '../command.ts'
import { startHouse } from '../house.ts'
import { applying } from './apply.ts'
import { growth, growthOnCluster, growthWords } from './growth.ts'
import { wholeHouse } from './house.ts'
import { linesOf } from './rows.ts'
import { verbs } from './verbs.ts'

const parts = ['verbs', 'house', 'apply', 'growth'] as const
type Part = (typeof parts)[number]

const asked = process.argv.slice(2)
const unknown = asked.filter((word) => !parts.some((part) => part === word))
if (unknown.length > 0) {
  process.stderr.write(
    `npm run bench: ${unknown.join(' ')} is not known here; it takes ${parts.join(', ')} or nothing.\n`,
  )
  process.exit(2)
}
const wanted = (part: Part): boolean => asked.length === 0 || asked.includes(part)
const print = (lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''))

const folder = await mkdtemp('/tmp/bench-')
try {
  if (wanted('verbs')) print(linesOf(await verbs(folder)))
  const alone = wanted('growth') ? await growth(folder) : []
  print([...linesOf(alone), ...growthWords(alone)])
} finally {
  await rm(folder, { recursive: true, force: true })
}
if (wanted('house') || wanted('apply') || wanted('growth')) {
  const house = await startHouse()
  const context = 'homeslice-default'
  const { stdout } = await homeslice(['sandbox', 'kubeconfig'], {
    env: { HOMESLICE_STATE: join(house.folder, 'state') },
  })
  const kubeconfig = stdout.trim()
  try {
    if (wanted('house')) print(linesOf(await wholeHouse(house)))
    if (wanted('apply')) print(linesOf(await applying({ house, kubeconfig, context })))
    if (wanted('growth')) {
      const grown = await growthOnCluster(house, kubeconfig, context)
      print([...linesOf(grown), ...growthWords(grown)])
    }
  } finally {
    await house.remove()
  }
}
