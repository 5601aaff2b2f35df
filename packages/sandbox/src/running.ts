import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import type { Places } from './folders.ts'

const processSchema = z.object({ pid: z.int().positive(), started: z.string() })
const recordSchema = z.object({ outer: processSchema, inner: processSchema })

/** The two processes that are a running sandbox: `outer` in the machine's namespaces, `inner` the first one inside. */
export type Running = {
  readonly outer: number
  readonly inner: number
  /** When it was started. */
  readonly since: Date
}

/** The processes of a sandbox, or undefined when it does not run. A record that a killed sandbox left behind does not count. */
export const findRunning = (places: Places): Running | undefined => {
  const record = recordSchema.safeParse(readJson(places.record))
  if (!record.success) return undefined
  const { outer, inner } = record.data
  if (!isAlive(outer) || !isAlive(inner)) return undefined
  return { outer: outer.pid, inner: inner.pid, since: statSync(places.record).mtime }
}

/** Reads a JSON file; undefined when it is missing or not JSON. */
export const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** Process numbers are used again, so the start time has to match too. */
const isAlive = ({ pid, started }: { pid: number; started: string }): boolean => {
  const stat = processStat(pid)
  return stat !== undefined && stat.started === started && !stat.exiting
}

/** The kernel's PF_EXITING: a killed process that is not gone yet. The first one of a namespace waits for all others. */
const exitingFlag = 0x4

/** Whether it is on its way out, and the start time of a process, as `/proc/PID/stat` has them; undefined when there is none. */
const processStat = (pid: number): { exiting: boolean; started: string } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { exiting: (Number(fields[6]) & exitingFlag) !== 0, started: fields[19] ?? '' }
  } catch {
    return undefined
  }
}
