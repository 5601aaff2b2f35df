import { pushImages } from '@homeslice/images'
import { foldersFrom } from '@homeslice/sandbox'
import { reach } from './cluster.ts'
import type { Context } from './context.ts'
import { type House, loadHouse, type NoHouse } from './house.ts'
import { assess, connectionFor } from './lacks.ts'
import type { Report } from './work.ts'

/**
 * Makes a registry ready for a home on a cluster of the user's: pushes the images of ours that the home uses, then
 * renders the home anew, since their digests are known now. The cluster is asked first, and nothing in it is changed.
 */
export const prepareRegistry = async (
  context: Context,
  { house, report }: { readonly house: House; readonly report: Report },
): Promise<House | NoHouse> => {
  const { home, rendered, path, environment } = house
  const names = [
    ...new Set(rendered.workloads.flatMap(({ service: { image } }) => ('ours' in image ? [image.ours] : []))),
  ]
  if (names.length === 0) return house
  const { registry } = home.cluster
  if (registry === undefined) {
    const message = `${house.file} uses images of ours (${names.join(', ')}), and cluster.registry names no place that ${home.cluster.context} can pull them from`
    const fix = 'set cluster.registry to a registry that you may push to, such as registry.casa.test/home'
    return { ok: false, exit: 3, error: { message, fix } }
  }
  const reached = await reach(context, home)
  if (!reached.ok) return reached
  const ground = await assess(connectionFor(reached.connection, house), house)
  if (!ground.ok) return ground
  if (context.checkout === undefined) return house
  const { cache } = foldersFrom(process.env)
  const { signal } = context
  const pushed = await pushImages({ root: context.checkout, cache, registry, names, env: process.env, report, signal })
  if (signal.aborted) {
    const message = 'interrupted; nothing was changed in the cluster'
    return { ok: false, exit: 130, error: { message, fix: 'run it again: what was pushed is not sent twice' } }
  }
  if (!pushed.ok) return { ok: false, exit: 1, error: pushed }
  return loadHouse(context, { file: path, env: environment.name })
}
