import { houseText, type House } from '../house.ts'
import { repeat, type Row, timed } from './rows.ts'

/** How long the example takes on a running sandbox with its images there. */
export const wholeHouse = async (house: House): Promise<Row[]> => {
  await house.write(houseText())
  const up = (): Promise<number> => timed(() => house.homeslice('up'))
  await up()
  const fresh: number[] = []
  for (let round = 0; round < 3; round += 1) {
    await timed(() => house.homeslice('destroy', '--yes'))
    fresh.push(await up())
  }
  const unchanged = await repeat(5, up)
  await timed(() => house.homeslice('destroy', '--yes'))
  return [
    { what: 'up, from nothing to every service answering', bar: { seconds: 20 }, seconds: fresh },
    { what: 'up of the same, nothing to change', seconds: unchanged },
  ]
}
