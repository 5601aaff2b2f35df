import { readFileSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'

/** One process of this machine, as far as it matters here. */
export type Process = {
  readonly pid: number
  readonly parent: number
  /** The name it was called by, without its folder. */
  readonly program: string
  /** The pod it belongs to, by its UID, when it runs in one. */
  readonly pod?: string
}

/** All processes of this machine. Those that end meanwhile are left out. */
export const allProcesses = (): Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)))

const readProcess = (pid: number): Process[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const program = basename(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '')
    const pod = podOf(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
    return [{ pid, parent, program, ...(pod === undefined ? {} : { pod }) }]
  } catch {
    return []
  }
}

/** The UID of the pod that a `/proc/PID/cgroup` names, if it names one. */
export const podOf = (cgroup: string): string | undefined => /\/pod([0-9a-f]{8}(?:-[0-9a-f]+){4})/.exec(cgroup)?.[1]

/** The processes that have `root` among their parents, and `root` itself. */
export const treeOf = (processes: readonly Process[], root: number): Process[] => {
  const inTree = new Set([root])
  for (let before = 0; before !== inTree.size;) {
    before = inTree.size
    for (const { pid, parent } of processes) if (inTree.has(parent)) inTree.add(pid)
  }
  return processes.filter(({ pid }) => inTree.has(pid))
}

/** Memory in KiB that a process has for itself, with its share of what it shares, from a `/proc/PID/smaps_rollup`. */
export const pssOf = (rollup: string): number => Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0)

/** `pssOf` of a process that runs now; 0 when it does not, or may not be looked at. */
export const memoryOf = (pid: number): number => {
  try {
    return pssOf(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  } catch {
    return 0
  }
}
