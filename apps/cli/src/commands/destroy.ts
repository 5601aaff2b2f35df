import { inWords, nameOf, type Plan, serviceOf } from '@homeslice/plan'
import { identityOf, type KubeObject } from '@homeslice/render'
import { consent } from '../ask.ts'
import { exitOf, reach } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { loadHome } from '../home-file.ts'
import { stayingWords } from '../lacks.ts'
import { failed, type Outcome } from '../outcome.ts'
import { dangerWords } from '../plan-words.ts'
import { withProgress } from '../work.ts'

type DestroyFlags = HomeFlags & { readonly yes: boolean; readonly allow?: readonly string[]; readonly log?: string }

/** `homeslice destroy`: removes an environment; each volume stays with its namespace unless it is allowed by name. */
export const destroy = async (context: Context, flags: DestroyFlags): Promise<Outcome> => {
  const nothing = { environment: flags.env, deleted: 0, kept: [] }
  const loaded = await loadHome(context, flags, { example: false })
  if (!loaded.ok) return failed(2, loaded.error, nothing)
  const { home, environment } = loaded
  const reached = await reach(context, home)
  if (!reached.ok) return failed(reached.exit, reached.error, nothing)
  const { asWriter, destroyEnvironment, listRecords, observe, planDestroy, within } = await import('@homeslice/cluster')
  const estate = { home: home.name, env: environment.name }
  const connection = within(reached.connection, estate)
  const observed = await observe(connection, estate, { desired: [], allow: [] })
  if (!observed.ok) return failed(exitOf(observed), observed, nothing)
  const recorded = await listRecords(reached.connection, estate)
  if (!recorded.ok) return failed(exitOf(recorded), recorded, nothing)
  const { kept, removed } = planDestroy(observed.live, flags.allow ?? [])
  const keptNames = kept.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  if (removed.length + recorded.records.length === 0) {
    return {
      exit: 0,
      document: { ...nothing, kept: keptNames.map(nameOf) },
      text: `nothing of ${home.name} (${environment.name}) is there`,
    }
  }
  const losses = lossesOf(observed.plan, removed).map((line) => `${line}\n`)
  const services = new Set(removed.map(serviceOf)).size
  const message = `${losses.join('')}Remove ${home.name} (${environment.name}) from ${reached.name}: ${removed.length} objects of ${services} services?`
  const refused = await consent(context, { yes: flags.yes, message })
  if (refused !== undefined) return failed(refused.exit, refused.error, nothing)
  return withProgress(context, flags, async (report) => {
    const done = await asWriter(connection, { estate, report, signal: context.signal }, (writer, signal) =>
      destroyEnvironment(
        { connection, writer, report, secretData: async () => undefined },
        { estate, removed, kept, signal },
      ),
    )
    if (!done.ok) return failed(exitOf(done), done, nothing)
    const words = keptNames.map(
      (volume) =>
        `  kept: ${inWords(nameOf(volume))}, the data of ${serviceOf(volume)} (to delete it: --allow data-loss:${serviceOf(volume)})`,
    )
    const document = { environment: environment.name, deleted: done.deleted, kept: keptNames.map(nameOf) }
    if (context.signal.aborted) {
      const message = `interrupted: ${done.deleted} of ${removed.length} objects are removed; the rest is still there`
      return failed(130, { message, fix: 'run `homeslice destroy` again: it goes on from there' }, document)
    }
    return {
      exit: 0,
      document,
      text: [
        `${home.name} (${environment.name}): ${done.deleted} objects removed`,
        ...words,
        ...stayingWords(observed.staying.filter((name) => kept.every(({ metadata }) => metadata.namespace !== name))),
      ].join('\n'),
    }
  })
}

/** What is lost with the objects that go. */
const lossesOf = ({ steps }: Plan, removed: readonly KubeObject[]): string[] => {
  const going = new Set(removed.map(identityOf))
  const losing = steps
    .filter(({ live }) => live !== undefined && going.has(identityOf(live)))
    .map((step) => ({ ...step, dangers: step.dangers.filter(({ grade }) => grade === 'data-loss') }))
  return dangerWords(losing, () => undefined)
}
