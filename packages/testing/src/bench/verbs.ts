import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeslice, run } from '../command.ts'
import { generatedHome } from './homes.ts'
import { repeat, type Row, timed } from './rows.ts'

/** How long the verbs take that need no cluster. */
export const verbs = async (folder: string): Promise<Row[]> => {
  const hundred = join(folder, 'hundred.yaml')
  await writeFile(hundred, generatedHome(100))
  const verb = (...words: string[]): Promise<number> => timed(() => homeslice(words))
  await verb('--help')
  return [
    { what: 'bare node', seconds: await repeat(15, () => timed(() => run(process.execPath, ['-e', '0']))) },
    { what: '--help', bar: { seconds: 0.08 }, seconds: await repeat(15, () => verb('--help')) },
    { what: 'check, 100 services', bar: { seconds: 0.4 }, seconds: await repeat(9, () => verb('check', hundred)) },
    { what: 'render, 100 services', bar: { seconds: 1.5 }, seconds: await repeat(9, () => verb('render', hundred)) },
  ]
}
