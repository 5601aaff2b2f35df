import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, simulatorsIn } from '@homeslice/config'
import { faults } from '@homeslice/simulators/faults'
import type { Context } from '../context.ts'
import { type LoadedHome, loadHome } from '../home-file.ts'
import { wordsOf } from '../outcome.ts'
import { simulated } from './around.ts'
import { createDesk } from './desk.ts'
import { createDoor } from './door.ts'
import { open, type Pair, shut } from './doors.ts'
import { createFleet } from './fleet.ts'
import { createLog, readLine } from './log.ts'
import { createPage } from './page.ts'
import { type Plan, planOf } from './plan.ts'
import { createAddresses, createPorts } from './ports.ts'
import type { Programs } from './programs.ts'
import type { Status } from './supervise.ts'
import { watchBeside, watchSources } from './watch.ts'

/** What a session is of. */
export type SessionOf = {
  readonly context: Context
  readonly loaded: LoadedHome
  readonly pair: Extract<Pair, { ok: true }>
  readonly programs: Programs
  /** The service to debug. @default none */
  readonly inspect: string | undefined
}

/** Parts of Homeslice that this very process is made of: a change there needs another start. */
const ownParts = ['packages/catalog', 'packages/config']

/** A home as processes of this machine, until the signal: what it ended with is a sentence, or nothing. */
export const runSession = async ({
  context,
  loaded,
  pair,
  programs,
  inspect,
}: SessionOf): Promise<string | undefined> => {
  const began = performance.now()
  const { checkout, env, signal, process: streams } = context
  const folder = await mkdtemp(join(tmpdir(), 'homeslice-dev-'))
  const log = createLog(streams.stdout, ['dev', ...namesIn(loaded.environment)])
  const say = (text: string, level = 'info'): void => log('dev', { level, text })
  const ports = createPorts(pair.door + 1)
  const addressOf = createAddresses(pair.page)
  await ports.take(inspect === undefined ? [] : ['the debugger'])
  const debugged = inspect === undefined ? undefined : { service: inspect, port: ports.of('the debugger') }
  let plan = await planned(loaded)
  let problem: string | undefined
  let greeted = false

  async function planned({ home, environment }: LoadedHome): Promise<Plan> {
    const names = namesIn(environment)
    await ports.take(names.flatMap((name) => [name, `${name} probes`]))
    return planOf(home, environment, {
      portsOf: (name) => ({ port: ports.of(name), metricsPort: ports.of(`${name} probes`) }),
      addressOf,
      has: (image) => programs.entryOf(image) !== undefined,
    })
  }

  const onChange = (name: string, { state, reason }: Status): void => {
    if (state === 'waiting') log(name, { level: 'error', text: reason ?? state })
    if (state === 'done') log(name, { level: 'info', text: reason ?? state })
    if (state !== 'ready' || greeted) return
    const kept = plan.programs.filter(({ kind }) => kind !== 'job')
    if (!kept.every((one) => fleet.statusOf(one.name).state === 'ready')) return
    greeted = true
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    say(`all ${kept.length} ready in ${seconds} s; the page is http://127.0.0.1:${pair.page}/`)
  }

  const fleet = createFleet({
    programs,
    folder,
    env: surroundings(env),
    inspect: debugged,
    onLine: (name, line, from) => log(name, readLine(line, from)),
    onChange,
  })
  const desk = createDesk({
    plan: () => plan,
    fleet,
    facts: () => ({ problem, door: pair.door, inspect: debugged, faults }),
  })
  const page = createPage({ ...desk, port: () => pair.page })
  const door = createDoor(() => plan)

  const reread = async (): Promise<void> => {
    const again = await loadHome(
      { ...context, process: { ...streams, stderr: { write: () => undefined } } },
      { file: loaded.path, env: loaded.environment.name },
    )
    if (!again.ok) {
      problem = wordsOf(again.error)
      return say(`the home file as it is now cannot be used; the one before goes on\n${problem}`, 'error')
    }
    const next = await planned(again)
    if (problem === undefined && JSON.stringify(next) === JSON.stringify(plan)) return
    problem = undefined
    plan = next
    sources?.add(plan.programs.flatMap(({ image }) => programs.foldersOf(image)))
    say('the home file was read again')
    tellRest(plan, say)
    await fleet.become(plan.programs)
  }
  const sources =
    checkout === undefined
      ? undefined
      : watchSources(checkout, (folders) => {
          const names = fleet.reload(folders)
          if (names.length > 0) say(`${[...folders].join(', ')} changed: ${names.join(', ')} start again`)
          if (ownParts.some((part) => folders.has(part)))
            say('that is a part of this command too: start it again', 'warn')
        })
  // One after another: an older reading must not come last.
  let reading: Promise<void> = Promise.resolve()
  const besides = watchBeside(loaded.path, () => {
    reading = reading.then(reread)
  })

  try {
    if (!(await open(page, pair.page)) || !(await open(door, pair.door))) {
      return `port ${pair.page} or ${pair.door} was taken meanwhile`
    }
    sources?.add([...plan.programs.flatMap(({ image }) => programs.foldersOf(image)), ...ownParts])
    say(`the page is http://127.0.0.1:${pair.page}/, the public paths are below http://127.0.0.1:${pair.door}/`)
    if (debugged !== undefined) say(`${debugged.service} can be debugged at 127.0.0.1:${debugged.port}`)
    tellRest(plan, say)
    await fleet.become(plan.programs)
    await aborted(signal)
    say('stopping')
    return undefined
  } finally {
    sources?.stop()
    besides.stop()
    await reading
    await fleet.stop()
    await Promise.all([shut(page), shut(door)])
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whatever may run: services, and what stands in for devices and clouds. */
const namesIn = (environment: Environment): string[] => [
  ...Object.keys(environment.services),
  ...simulatorsIn(simulated(environment)).map(({ service }) => service),
]

const tellRest = ({ notRun, programs, secrets }: Plan, say: (text: string, level?: string) => void): void => {
  for (const { name, reason } of notRun) say(`${name} is not run: ${reason}`, 'warn')
  const jobs = programs.filter(({ kind }) => kind === 'job').map(({ name }) => name)
  if (jobs.length > 0) say(`${jobs.join(', ')}: by a schedule, here only when you press "run now" on the page`)
  if (secrets.length > 0) say(`secrets are made up here (${secrets.join(', ')}): the vault is not opened`)
}

/** No more than a program needs to run: what else the shell holds, tokens above all, is none of its business. */
const surroundings = (env: Context['env']): Context['env'] =>
  Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TMPDIR', 'NODE_COMPILE_CACHE'].flatMap((name) =>
      env[name] === undefined ? [] : [[name, env[name]]],
    ),
  )

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
