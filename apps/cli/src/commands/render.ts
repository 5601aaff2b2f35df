import { toYaml } from '@homeslice/render'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHouse } from '../house.ts'
import { failed, type Outcome } from '../outcome.ts'

/** `homeslice render [FILE]`: the objects of a home as a YAML stream; needs no cluster, no network, no key. */
export const renderHome = async (context: Context, flags: HomeFlags, named?: string): Promise<Outcome> => {
  const file = named ?? flags.file
  const house = await loadHouse(context, { env: flags.env, ...(file === undefined ? {} : { file }) })
  if (!house.ok) return failed(house.exit, house.error, { objects: [] })
  const { objects, closed } = house.rendered
  for (const { service, reason } of closed)
    context.process.stderr.write(`homeslice: a route of ${service} is ${reason}\n`)
  return { exit: 0, document: { objects }, text: toYaml(objects) }
}
