import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Context } from '../context.ts'
import { findPair } from '../dev/doors.ts'
import { programsIn } from '../dev/programs.ts'
import { runSession } from '../dev/session.ts'
import { loadHome } from '../home-file.ts'
import { failed, type Outcome } from '../outcome.ts'

type DevFlags = {
  readonly file?: string
  readonly env: string
  readonly port?: number
  readonly inspect?: string
}

/** `homeslice dev`: every service of the home as a process of this machine, its devices simulated, until Ctrl-C. */
export const dev = async (context: Context, flags: DevFlags): Promise<Outcome> => {
  const { checkout } = context
  const loaded = await loadHome(context, flags)
  if (!loaded.ok) return failed(2, loaded.error, {})
  const programs = programsIn(checkout, commandFolder())
  const wrong = cannotInspect(flags.inspect, loaded.environment.services)
  if (wrong !== undefined) return failed(2, wrong, {})
  const pair = await findPair(flags.port)
  if (!pair.ok) {
    const fix = 'name another with --port, or leave it out to get one that is free'
    return failed(1, { message: `port ${pair.taken} is taken by another program`, fix }, {})
  }
  const trouble = await runSession({ context, loaded, pair, programs, inspect: flags.inspect })
  if (trouble !== undefined) return failed(1, { message: trouble, fix: 'run this again' }, {})
  return { exit: 130, document: {}, text: '' }
}

/** Where a released command lies, with the bundles of our services beside it. */
const commandFolder = (): string => dirname(realpathSync(process.argv[1] ?? '.'))

const cannotInspect = (name: string | undefined, services: Readonly<Record<string, unknown>>) =>
  name === undefined || Object.hasOwn(services, name)
    ? undefined
    : { message: `there is no service "${name}" to debug`, fix: `there are: ${Object.keys(services).join(', ')}` }
