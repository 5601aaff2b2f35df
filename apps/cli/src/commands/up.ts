import type { Applied, Connection, Hands, Readiness } from '@homeslice/cluster'
import type { Outlook } from '@homeslice/release'
import { type Gateway, gatewayAt, urlOf } from '../addresses.ts'
import { exitOf, reach, sandboxName } from '../cluster.ts'
import type { Context } from '../context.ts'
import type { HomeFlags } from '../flags.ts'
import { type House, loadHouse, type NoHouse } from '../house.ts'
import { assess, connectionFor, stayingWords } from '../lacks.ts'
import { outOfReach } from '../out-of-reach.ts'
import { failed, type Failure, type Outcome } from '../outcome.ts'
import { planDocument, stoppedError } from '../plan-words.ts'
import { prepareSandbox } from '../prepare.ts'
import { prepareRegistry } from '../registry.ts'
import { secretReader } from '../secret-reader.ts'
import { table } from '../table.ts'
import { followWays } from '../ways.ts'
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
  const carried = await writeHome(context, { house, flags, report })
  if (!carried.ok) return failed(carried.exit, carried.error, { ...nothing, ...carried.document })
  const { applied, gateway } = carried
  const { objects } = house.rendered
  const led = await followWays(applied, { objects, gateway, signal: context.signal })
  const services = led.services
    .filter(({ name, ready }) => Object.hasOwn(house.environment.services, name) || !ready)
    .map((one) => serviceOf(one, house, gateway))
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  const { created, updated, deleted, unchanged } = applied
  const document: UpDocument = { environment: flags.env, created, updated, deleted, unchanged, services, seconds }
  return finish(applied, document, { house, notes: [...(await lostDevices(house)), ...carried.notes, ...led.notes] })
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

const serviceOf = ({ name, ready, reason }: Readiness, { environment }: House, gateway: Gateway): UpService => {
  const service = environment.services[name]
  const url = service && urlOf(service, gateway, environment)
  return { name, ready, ...(reason === undefined ? {} : { reason }), ...(url === undefined ? {} : { url }) }
}

type Written = { readonly ok: true; readonly applied: Applied; readonly notes: readonly string[] }
type NotWritten = {
  readonly ok: false
  readonly exit: Outcome['exit']
  readonly error: Failure
  readonly document?: object
}
type Carried = (Written & { readonly gateway: Gateway }) | NotWritten

type Carrying = { readonly house: House; readonly flags: UpFlags; readonly report: Report }

const writeHome = async (context: Context, { house, flags, report }: Carrying): Promise<Carried> => {
  const { asWriter, turnNow } = await import('@homeslice/cluster')
  const { carryOut } = await import('@homeslice/release')
  const reached = await reach(context, house.home)
  if (!reached.ok) return reached
  const connection = connectionFor(reached.connection, house)
  const estate = { home: house.home.name, env: house.environment.name }
  const turn = await turnNow(connection, estate)
  // Looked at before anything of ours is written, even the lease; and again under the lease where others may have written.
  const [ground, before] = await Promise.all([assess(connection, house), looked(connection, house, flags)])
  if (!ground.ok) return ground
  if (!before.ok) return before
  const carried = await asWriter(
    connection,
    { estate, report, signal: context.signal },
    async (writer, signal): Promise<Written | NotWritten> => {
      const now = turn.ok && writer.isNextAfter(turn) ? before : await looked(connection, house, flags)
      if (!now.ok) return now
      const hands: Hands = { connection, writer, report, secretData: secretReader(house.vaultPath) }
      const done = await carryOut(hands, now.outlook, { deadlineSeconds: flags.deadline, signal })
      if (!done.ok) return { ok: false, exit: exitOf(done), error: done }
      const { noRoom, staying } = now.outlook
      const notes = [...noRoom.map(({ words }) => `warning: ${words}`), ...done.notes, ...stayingWords(staying)]
      return { ok: true, applied: done.applied, notes }
    },
  )
  if (carried.ok) return { ...carried, gateway: gatewayAt(house.home, ground.url) }
  return 'exit' in carried ? carried : { ok: false, exit: exitOf(carried), error: carried }
}

type Looked = { readonly ok: true; readonly outlook: Outlook } | NotWritten

/** What would change, unless something of it has to be allowed by name first. */
const looked = async (
  connection: Connection,
  { home, environment, rendered: { sets } }: House,
  { allow = [] }: UpFlags,
): Promise<Looked> => {
  const { lookAhead } = await import('@homeslice/release')
  const outlook = await lookAhead(connection, { estate: { home: home.name, env: environment.name }, sets, allow })
  if (!outlook.ok) return { ok: false, exit: exitOf(outlook), error: outlook }
  const { plan } = outlook
  if (plan.stopped.length === 0) return { ok: true, outlook }
  return { ok: false, exit: 3, error: stoppedError(plan), document: planDocument(environment.name, plan) }
}

type Ending = { readonly house: House; readonly notes: readonly string[] }

const finish = (applied: Applied, document: UpDocument, { house, notes }: Ending): Outcome => {
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
    ...notes,
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
