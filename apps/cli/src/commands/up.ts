import type { Applied, Hands, Readiness } from '@homeslice/cluster'
import { gatewayOf, urlOf } from '../addresses.ts'
import { exitOf, reach, sandboxName } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { type House, loadHouse, type NoHouse } from '../house.ts'
import { outOfReach } from '../out-of-reach.ts'
import { failed, type Failure, type Outcome } from '../outcome.ts'
import { planDocument, stoppedError } from '../plan-words.ts'
import { prepareSandbox } from '../prepare.ts'
import { prepareRegistry } from '../registry.ts'
import { secretReader } from '../secret-reader.ts'
import { table } from '../table.ts'
import { waitForWays, waysOf } from '../ways.ts'
import { type Report, withProgress } from '../work.ts'

type UpFlags = HomeFlags & { readonly allow?: readonly string[]; readonly log?: string; readonly deadline: number }

type UpService = { readonly name: string; readonly ready: boolean; readonly reason?: string; readonly url?: string }

type UpDocument = {
  readonly environment: string
  readonly created: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged: number
  readonly services: readonly UpService[]
  readonly seconds: number
}

/** `homeslice up`: brings the home up, or to what its file says now. */
export const up = (context: Context, flags: UpFlags): Promise<Outcome> =>
  withProgress(context, flags, (report) => bringUp(context, flags, report))

const bringUp = async (context: Context, flags: UpFlags, report: Report): Promise<Outcome> => {
  const begun = performance.now()
  const nothing: UpDocument = {
    environment: flags.env,
    created: 0,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    services: [],
    seconds: 0,
  }
  const loaded = await loadHouse(context, flags)
  if (!loaded.ok) return failed(loaded.exit, loaded.error, nothing)
  const house = await prepared(context, loaded, report)
  if (!house.ok) return failed(house.exit, house.error, nothing)
  const carried = await carryOut(context, { house, flags, report })
  if (!carried.ok) return failed(carried.exit, carried.error, { ...nothing, ...carried.document })
  const { applied } = carried
  const gateway = gatewayOf(house.home)
  const led = await followWays(context, { house, applied, port: gateway?.http })
  const services = led
    .filter(({ name, ready }) => Object.hasOwn(house.environment.services, name) || !ready)
    .map((one) => serviceOf(one, house, gateway))
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  const { created, updated, deleted, unchanged } = applied
  const document: UpDocument = { environment: flags.env, created, updated, deleted, unchanged, services, seconds }
  return finish(applied, document, { house, lost: await lostDevices(house) })
}

/** The home, ready to be carried out: its secrets are set, and where it runs its images are at hand. */
const prepared = async (context: Context, house: House, report: Report): Promise<House | NoHouse> => {
  const [missing] = house.missingSecrets
  if (missing !== undefined) {
    const error = {
      message: `the secret ${missing} is used and not set`,
      fix: `set it: homeslice secrets set ${missing}`,
    }
    return { ok: false, exit: 1, error }
  }
  if (house.home.cluster.context !== undefined) return prepareRegistry(context, { house, report })
  const ready = await prepareSandbox(context, house, report)
  if (!ready.ok) return { ok: false, exit: 1, error: ready.error }
  if (!context.signal.aborted) return house
  return { ok: false, exit: 130, error: { message: 'interrupted; nothing was changed' } }
}

/** The devices that the sandbox has no way to. Where else a home runs, its cluster is on the LAN itself. */
const lostDevices = async ({ home, environment }: House): Promise<string[]> => {
  if (home.cluster.context !== undefined) return []
  const { outsideOf } = await import('@homeslice/sandbox')
  return outOfReach(outsideOf({ name: sandboxName }), environment)
}

/** Each service as whoever comes through the gateway finds it. */
const followWays = async (
  { signal }: Context,
  { house, applied, port }: { readonly house: House; readonly applied: Applied; readonly port: number | undefined },
): Promise<readonly Readiness[]> => {
  const { created, updated, services } = applied
  if (port === undefined || created + updated === 0) return services
  const ready = new Set(services.filter((one) => one.ready).map(({ name }) => name))
  const ways = waysOf(house.rendered.objects).filter(({ service }) => ready.has(service))
  const reasons = await waitForWays(ways, { port, signal })
  return services.map((one) => {
    const reason = reasons.get(one.name)
    return reason === undefined ? one : { ...one, ready: false, reason }
  })
}

const serviceOf = (
  { name, ready, reason }: Readiness,
  { environment }: House,
  gateway: ReturnType<typeof gatewayOf>,
): UpService => {
  const service = environment.services[name]
  const url = service && urlOf(service, gateway, environment)
  return { name, ready, ...(reason === undefined ? {} : { reason }), ...(url === undefined ? {} : { url }) }
}

type Carried =
  | { readonly ok: true; readonly applied: Applied }
  | { readonly ok: false; readonly exit: Outcome['exit']; readonly error: Failure; readonly document?: object }

type Carrying = { readonly house: House; readonly flags: UpFlags; readonly report: Report }

const carryOut = async (context: Context, { house, flags, report }: Carrying): Promise<Carried> => {
  const { asWriter } = await import('@homeslice/cluster')
  const reached = await reach(context, house.home)
  if (!reached.ok) return reached
  const { connection } = reached
  const estate = { home: house.home.name, env: house.environment.name }
  const carried = await asWriter(connection, { estate, report, signal: context.signal }, (writer, signal) =>
    carryOutAs({ connection, writer, report, secretData: secretReader(house.vaultPath) }, { house, flags, signal }),
  )
  return carried.ok || 'exit' in carried ? carried : { ok: false, exit: exitOf(carried), error: carried }
}

const carryOutAs = async (
  hands: Hands,
  { house, flags, signal }: { readonly house: House; readonly flags: UpFlags; readonly signal: AbortSignal },
): Promise<Carried> => {
  const { applyPlan, membersOf, observe } = await import('@homeslice/cluster')
  const estate = { home: house.home.name, env: house.environment.name }
  const desired = membersOf(house.rendered)
  const observed = await observe(hands.connection, estate, { desired, allow: flags.allow ?? [] })
  if (!observed.ok) return { ok: false, exit: exitOf(observed), error: observed }
  const { plan, live } = observed
  if (plan.stopped.length > 0) {
    return { ok: false, exit: 3, error: stoppedError(plan.stopped), document: planDocument(estate.env, plan) }
  }
  const applied = await applyPlan(hands, {
    estate,
    plan,
    desired,
    live,
    sets: Object.keys(house.rendered.sets),
    workloads: house.rendered.workloads.map(({ service: { name }, namespace }) => ({ name, namespace })),
    deadlineSeconds: flags.deadline,
    signal,
  })
  return applied.ok ? { ok: true, applied } : { ok: false, exit: exitOf(applied), error: applied }
}

type Ending = { readonly house: House; readonly lost: readonly string[] }

const finish = (applied: Applied, document: UpDocument, { house, lost }: Ending): Outcome => {
  const { file, home, rendered } = house
  const { created, updated, deleted, unchanged, services, seconds } = document
  const changed = created + updated + deleted
  const done =
    changed === 0
      ? `nothing changed: ${unchanged} objects are as the home file says`
      : `${created} created, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`
  if (applied.interrupted) {
    const error = {
      message: `interrupted: ${done}; the rest is not done`,
      fix: 'run `homeslice up` again: it goes on from there',
    }
    return failed(130, error, document)
  }
  const unready = services.filter(({ ready }) => !ready)
  const rows = services.map(({ name, ready, reason, url }) => [
    `  ${name}`,
    ready ? 'ready' : 'not ready',
    reason ?? url ?? '',
  ])
  const closed = rendered.closed.map(({ service, reason }) => `  a route of ${service} is ${reason}`)
  const text = [
    `${home.name} (${document.environment}) from ${file}: ${done}, in ${seconds} s`,
    table(rows),
    ...closed,
    ...lost,
  ]
    .filter((line) => line !== '')
    .join('\n')
  const [first] = unready
  if (first === undefined) return { exit: 0, document, text }
  const error = {
    message: unready.map(({ name, reason }) => `${name} is not ready: ${reason}`).join('; '),
    fix: `its older version, where it had one, goes on; see: homeslice logs ${first.name}`,
  }
  return { exit: 1, document, text, error }
}
