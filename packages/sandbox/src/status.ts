import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { foldersFrom, placesOf, type Folders, type Places } from './folders.ts'
import { kubectl } from './kubectl.ts'
import { lookOutside, type Outside } from './outside.ts'
import { failure, type Outcome } from './outcome.ts'
import { allProcesses, memoryOf, treeOf, type Process } from './processes.ts'
import { kubernetesVersion } from './recipes.ts'
import { findRunning, readJson, type Running } from './running.ts'
import { readSettings, type Settings } from './settings.ts'
import type { SandboxOptions } from './use.ts'

/** One part of a running sandbox and the memory it has (PSS: shared pages are counted once, over all who share them). */
export type Part = {
  /** A program of the node, or `namespace/pod`. */
  readonly name: string
  readonly memoryMiB: number
  /** How often the node had to start it again. Absent for pods. */
  readonly restarts?: number
  /** How it ended when it is not running now. */
  readonly down?: string
}

/** What is known of one sandbox. */
export type Status = {
  readonly name: string
  readonly version: string
  readonly kubeconfig: string
  /** Absent before the first start. */
  readonly ports?: Settings['ports']
  readonly running: boolean
  /** Empty when it does not run. */
  readonly parts: readonly Part[]
  readonly memoryMiB: number
  readonly outside: Outside
  /** The folder of the programs' logs. */
  readonly logs: string
}

/** Looks at a sandbox, whether it runs or not. */
export const status = async ({
  name,
  folders = foldersFrom(process.env),
}: SandboxOptions): Promise<Outcome<{ status: Status }>> => {
  const places = placesOf(folders, name)
  const settings = readSettings(places.settings)
  if (!settings.ok) return settings
  const running = findRunning(places)
  const parts = running ? await partsOf(folders, places, running) : []
  return {
    ok: true,
    status: {
      name,
      version: kubernetesVersion,
      kubeconfig: places.kubeconfig,
      ...(settings.settings ? { ports: settings.settings.ports } : {}),
      running: running !== undefined,
      parts,
      memoryMiB: parts.reduce((sum, part) => sum + part.memoryMiB, 0),
      outside: outsideOf({ name, folders }),
      logs: places.logs,
    },
  }
}

/** Whether pods of a sandbox reach the LAN and the internet, without looking at anything else. */
export const outsideOf = ({ name, folders = foldersFrom(process.env) }: SandboxOptions): Outside => {
  const places = placesOf(folders, name)
  const running = findRunning(places)
  return running ? lookOutside(places, running) : { reachable: false, reason: 'the sandbox does not run' }
}

const tableSchema = z.array(
  z.object({ name: z.string(), pid: z.int(), restarts: z.int(), lastExit: z.string().optional() }),
)

const partsOf = async (folders: Folders, places: Places, running: Running): Promise<Part[]> => {
  const everything = allProcesses()
  const inside = treeOf(everything, running.outer)
  const memory = new Map<string, number>()
  const pods = await podNames(folders, places)
  for (const process of inside) {
    const part = partOf(process, pods)
    memory.set(part, (memory.get(part) ?? 0) + memoryOf(process.pid))
  }
  const programs = new Map((tableSchema.safeParse(readJson(places.table)).data ?? []).map((row) => [row.name, row]))
  return [...new Set([...programs.keys(), ...memory.keys()])].map((name) => {
    const row = programs.get(name)
    return {
      name,
      memoryMiB: Math.round((memory.get(name) ?? 0) / 102.4) / 10,
      ...(row ? { restarts: row.restarts } : {}),
      ...(row?.pid === 0 ? { down: row.lastExit ?? 'not started yet' } : {}),
    }
  })
}

const partOf = ({ program, pod }: Process, pods: ReadonlyMap<string, string>): string => {
  if (pod !== undefined) return pods.get(pod) ?? `pod ${pod}`
  return program === 'exe' ? 'homeslice-node' : program
}

const podNames = async (folders: Folders, places: Places): Promise<Map<string, string>> => {
  const path = '{range .items[*]}{.metadata.uid} {.metadata.namespace}/{.metadata.name}{"\\n"}{end}'
  const listed = await kubectl(folders, places, ['get', 'pods', '-A', `-o=jsonpath=${path}`], { timeout: 3000 })
  return new Map(listed.stdout.split('\n').map((line) => line.split(' ') as [string, string]))
}

/** The last lines of the log of one program of a sandbox. Fails when there is no such log. */
export const programLog = (
  { name, folders = foldersFrom(process.env) }: SandboxOptions,
  program: string,
  lines = 50,
): Outcome<{ text: string }> => {
  const { logs } = placesOf(folders, name)
  try {
    const text = readFileSync(join(logs, `${program}.log`), 'utf8')
    return { ok: true, text: text.trimEnd().split('\n').slice(-lines).join('\n') }
  } catch {
    return failure(`there is no log of ${program} in ${logs}`, 'name one of the programs that `sandbox status` lists')
  }
}
