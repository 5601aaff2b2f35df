import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeslice } from '../command.ts'
import type { House } from '../house.ts'
import { generatedHome, sleepingHome } from './homes.ts'
import { median, repeat, type Row, timed } from './rows.ts'

const sizes = [10, 100, 1000] as const

/** How time grows with the home: each verb at 10, 100 and 1,000 services. */
export const growth = async (folder: string): Promise<Row[]> => {
  const rows: Row[] = []
  for (const verb of ['check', 'render']) {
    for (const size of sizes) {
      const file = join(folder, `${size}.yaml`)
      await writeFile(file, generatedHome(size))
      rows.push({
        what: `${verb}, ${size} services`,
        seconds: await repeat(5, () => timed(() => homeslice([verb, file]))),
      })
    }
  }
  return rows
}

/** The same for the verbs that need a cluster. */
export const growthOnCluster = async (house: House, kubeconfig: string, context: string): Promise<Row[]> => {
  const rows: Row[] = []
  const env = { KUBECONFIG: kubeconfig }
  for (const size of sizes) {
    const file = join(house.folder, `grown${size}.yaml`)
    await writeFile(file, sleepingHome(`grown${size}`, context, size))
    const verb = (...words: string[]): Promise<number> => timed(() => homeslice([...words, '--file', file], { env }))
    rows.push({ what: `up, ${size} services, from nothing`, seconds: [await verb('up')] })
    rows.push({ what: `plan, ${size} services`, seconds: await repeat(5, () => verb('plan')) })
    rows.push({ what: `up, ${size} services, nothing to change`, seconds: await repeat(5, () => verb('up')) })
    // The largest goes with its cluster: a thousand namespaces take their time one by one.
    if (size !== sizes.at(-1))
      await house.kubectl('delete', 'namespaces', '-l', `homeslice.dev/home=grown${size}`, '--wait')
  }
  return rows
}

/** How many times longer ten times as much takes, in words. */
export const growthWords = (rows: readonly Row[]): string[] => {
  const names = [...new Set(rows.map(({ what }) => what.replace(/, \d+ services/u, ', N services')))]
  return names.map((name) => {
    const pattern = new RegExp(`^${name.replace('N services', '(\\d+) services')}$`, 'u')
    const points = rows.flatMap(({ what, seconds }) => {
      const size = pattern.exec(what)?.[1]
      return size === undefined ? [] : [{ size: Number(size), seconds: median(seconds) }]
    })
    const steps = points
      .slice(1)
      .map(({ size, seconds }, at) => `x${(seconds / (points[at]?.seconds ?? Number.NaN)).toFixed(1)} to ${size}`)
    return `${name}: ${steps.join(', ')}`
  })
}
