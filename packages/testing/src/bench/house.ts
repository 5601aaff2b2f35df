import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../command.ts'
import type { House } from '../house.ts'
import { repeat, type Row, timed } from './rows.ts'

/** How long the example takes on a running sandbox with its images there. */
export const wholeHouse = async (house: House): Promise<Row[]> => {
  await house.write(await readFile(join(root, 'home/example.yaml'), 'utf8'))
  const volumes = ['chime', 'homebridge'].flatMap((service) => ['--allow', `data-loss:${service}`])
  const up = (): Promise<number> => timed(() => house.homeslice('up'))
  const destroy = (): Promise<number> => timed(() => house.homeslice('destroy', '--yes', ...volumes))
  await up()
  const fresh: number[] = []
  for (let round = 0; round < 3; round += 1) {
    await destroy()
    fresh.push(await up())
  }
  const unchanged = await repeat(5, up)
  await destroy()
  return [
    { what: 'the example: up, from nothing to every service answering', bar: { seconds: 20 }, seconds: fresh },
    { what: 'the example: up of the same, nothing to change', seconds: unchanged },
  ]
}
