import { join } from 'node:path'
import { below, layOut } from './lay-out.ts'
import type { Program } from './plan.ts'
import type { Programs } from './programs.ts'
import { type Status, supervise, type Supervised } from './supervise.ts'

/** All programs of a home, kept running. */
export type Fleet = {
  /** Starts what is new, ends what left, starts again what changed. */
  readonly become: (programs: readonly Program[]) => Promise<void>
  readonly statusOf: (name: string) => Status
  /** Starts a program again, or runs a job. False if there is none of that name. */
  readonly restart: (name: string) => boolean
  /** Starts again what is made of these folders of the checkout. */
  readonly reload: (folders: ReadonlySet<string>) => readonly string[]
  readonly stop: () => Promise<void>
}

/** What a fleet needs of the world around it. */
export type FleetDeps = {
  readonly programs: Programs
  /** Where programs have their files. */
  readonly folder: string
  /** What each process sees of this one's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The service to debug, and the port for it. @default none */
  readonly inspect?: { readonly service: string; readonly port: number } | undefined
  readonly onLine: (name: string, line: string, from: 'stdout' | 'stderr') => void
  readonly onChange: (name: string, status: Status) => void
}

type Member = { readonly program: Program; readonly text: string; readonly supervised: Supervised }

/** A fleet of no programs yet. */
export const createFleet = (deps: FleetDeps): Fleet => {
  const members = new Map<string, Member>()
  /** One change after another. */
  let changes: Promise<void> = Promise.resolve()

  const enter = (program: Program): void => {
    const supervised = supervise({
      prepare: () => prepared(program, deps),
      ...(program.kind === 'job' ? {} : { probe: { host: program.host, port: program.metricsPort } }),
      onChange: (status) => deps.onChange(program.name, status),
    })
    members.set(program.name, { program, text: JSON.stringify(program), supervised })
    if (program.kind !== 'job') supervised.start()
  }
  const leave = async (name: string): Promise<void> => {
    const member = members.get(name)
    members.delete(name)
    await member?.supervised.stop()
  }
  const change = async (programs: readonly Program[]): Promise<void> => {
    const wanted = new Map(programs.map((program) => [program.name, JSON.stringify(program)]))
    const gone = [...members].filter(([name, { text }]) => wanted.get(name) !== text).map(([name]) => name)
    await Promise.all(gone.map(leave))
    for (const program of programs) if (!members.has(program.name)) enter(program)
  }

  return {
    become: (programs) => {
      changes = changes.then(() => change(programs))
      return changes
    },
    statusOf: (name) => members.get(name)?.supervised.status() ?? { state: 'stopped', restarts: 0 },
    restart: (name) => {
      const member = members.get(name)
      void member?.supervised.restart()
      return member !== undefined
    },
    reload: (folders) => {
      const concerned = [...members.values()].filter(
        ({ program: { kind, image } }) =>
          kind !== 'job' && deps.programs.foldersOf(image).some((folder) => folders.has(folder)),
      )
      for (const { supervised } of concerned) void supervised.restart()
      return concerned.map(({ program }) => program.name)
    },
    stop: async () => {
      await changes
      await Promise.all([...members.keys()].map(leave))
    },
  }
}

const prepared = async (program: Program, deps: FleetDeps) => {
  const { name, image, host, port, metricsPort } = program
  const entry = deps.programs.entryOf(image)
  if (entry === undefined) throw new Error(`there is no program of ${image}`)
  const laidOut = below(join(deps.folder, name), program)
  await layOut(laidOut)
  return {
    entry,
    args: laidOut.args,
    env: {
      ...deps.env,
      ...laidOut.env,
      LISTEN_HOST: host,
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
    },
    inspect: deps.inspect?.service === name ? deps.inspect.port : undefined,
    onLine: (line: string, from: 'stdout' | 'stderr') => deps.onLine(name, line, from),
  }
}
