import { asWriter, type Hands, type Readiness } from '@homeslice/cluster'
import { type BackOutlook, type Carried, carryOut, imagesOf, lookBack } from '@homeslice/release'
import { sandboxGateway } from '../addresses.ts'
import { exitOf, reach, sandboxName } from '../cluster.ts'
import type { Context } from '../context.ts'
import { type ExitCode, failed, type Failure, type Outcome } from '../outcome.ts'
import { planDocument, stoppedError } from '../plan-words.ts'
import { followWays } from '../ways.ts'
import { type WhichFlags, type WhichHome, whichHome } from '../which-home.ts'
import { withProgress } from '../work.ts'

type RollbackFlags = WhichFlags & {
  readonly to?: number
  readonly allow?: readonly string[]
  readonly log?: string
  readonly deadline: number
}

/** `homeslice rollback SERVICE`: brings a kept version back; asks no registry, no repository and no vault for it. */
export const rollback = async (context: Context, flags: RollbackFlags, service: string): Promise<Outcome> => {
  const nothing = { environment: flags.env, service }
  const found = await whichHome(context, flags)
  if (!found.ok) return failed(2, found.error, nothing)
  const { home } = found
  const begun = performance.now()
  const gone = await withProgress(context, flags, async (report) => {
    const reached = await reach(context, home)
    if (!reached.ok) return reached
    const { connection } = reached
    const estate = { home: home.name, env: home.env }
    return asWriter(connection, { estate, report, signal: context.signal }, (writer, signal) =>
      goBack({ connection, writer, report, secretData: noSecret }, { home, service, flags, signal }),
    )
  })
  if (!gone.ok) {
    const { exit, error, document } =
      'exit' in gone ? { document: {}, ...gone } : { exit: exitOf(gone), error: gone, document: {} }
    return failed(exit, error, { ...nothing, ...document })
  }
  const { signal } = context
  const { applied } = gone.carried
  const gateway = home.cluster.context === undefined ? sandboxGateway() : undefined
  const { services } = await followWays(applied, { objects: gone.outlook.desired, gateway, signal })
  return ending(home, gone, { led: services[0], seconds: Math.round((performance.now() - begun) / 100) / 10 })
}

/** The Secrets of a kept version are in the cluster; nobody asks for their values. */
const noSecret: Hands['secretData'] = async () => undefined

type Going = {
  readonly home: WhichHome
  readonly service: string
  readonly flags: Pick<RollbackFlags, 'to' | 'allow' | 'deadline'>
  readonly signal: AbortSignal
}

type Obstacle = { readonly ok: false; readonly exit: ExitCode; readonly error: Failure; readonly document?: object }

type Gone = { readonly ok: true; readonly outlook: BackOutlook; readonly carried: Carried }

const goBack = async (hands: Hands, { home, service, flags, signal }: Going) => {
  const estate = { home: home.name, env: home.env }
  const { to, allow = [], deadline } = flags
  const outlook = await lookBack(hands.connection, { estate, service, allow, ...(to === undefined ? {} : { to }) })
  if (!outlook.ok) return outlook
  const obstacle = await obstacleTo(outlook, home)
  if (obstacle !== undefined) return obstacle
  const carried = await carryOut(hands, outlook, { deadlineSeconds: deadline, signal })
  return carried.ok ? ({ ok: true, outlook, carried } satisfies Gone) : carried
}

/** What keeps a version from coming back; looked for before anything is written. */
const obstacleTo = async (
  { plan, target, desired }: BackOutlook,
  { env, cluster }: WhichHome,
): Promise<Obstacle | undefined> => {
  if (plan.stopped.length > 0) {
    return { ok: false, exit: 3, error: stoppedError(plan), document: planDocument(env, plan) }
  }
  // A cluster of the user's may pull an image again; into the sandbox those of ours come only from a checkout.
  const ours = imagesOf(desired).filter((image) => image.startsWith('homeslice.local/'))
  if (cluster.context !== undefined || ours.length === 0) return undefined
  const { absentImages } = await import('@homeslice/sandbox')
  const looked = await absentImages({ name: sandboxName }, ours)
  if (!looked.ok) return { ok: false, exit: 1, error: looked }
  const [absent] = looked.absent
  if (absent === undefined) return undefined
  const { service, number } = target
  const message = `version ${number} of ${service} runs the image ${absent}, which the sandbox no longer holds; nothing was changed`
  return { ok: false, exit: 1, error: { message, fix: `choose another version: homeslice status ${service}` } }
}

type Ending = { readonly led: Readiness | undefined; readonly seconds: number }

const ending = ({ env }: WhichHome, { outlook, carried }: Gone, { led, seconds }: Ending): Outcome => {
  const { from, target } = outlook
  const { applied, recorded, notes } = carried
  const { created, updated, deleted, interrupted } = applied
  const version = recorded[0]?.number ?? from.number
  const { service } = target
  // What services share has nothing that could become ready.
  const { ready, reason } = led ?? { ready: !interrupted, reason: undefined }
  const document = {
    environment: env,
    service,
    from: from.number,
    to: target.number,
    version,
    created,
    updated,
    deleted,
    ready,
    ...(reason === undefined ? {} : { reason }),
    seconds,
  }
  const done = `${created} created, ${updated} updated, ${deleted} deleted`
  if (interrupted) {
    const error = {
      message: `interrupted: ${done}; the rest is not done`,
      fix: `run it again: homeslice rollback ${service} --to ${target.number}`,
    }
    return failed(130, error, document)
  }
  const text = [
    `${service} (${env}): version ${target.number} is back, as version ${version}: ${done}, in ${seconds} s`,
    '  the home file is as it was: the next `homeslice up` goes by it',
    ...notes,
  ].join('\n')
  if (ready) return { exit: 0, document, text }
  const error = {
    message: `version ${target.number} of ${service} is not ready: ${reason ?? 'it is not there'}`,
    fix: `see: homeslice logs ${service}`,
  }
  return { exit: 1, document, text: '', error }
}
