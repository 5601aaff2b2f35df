import { readdirSync, readFileSync } from 'node:fs'

const mebibyte = 1024 * 1024

/** What a process holds of the machine: resident memory in MiB, the part that is its own alone, and open files and sockets. */
export type Holding = { readonly resident: number; readonly own: number; readonly descriptors: number }

/** Reads it from the kernel. */
export const holdingOf = (pid: number): Holding => {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'mu').exec(rollup)?.[1] ?? 0)
  return {
    resident: (kibibytes('Rss') * 1024) / mebibyte,
    own: ((kibibytes('Private_Clean') + kibibytes('Private_Dirty')) * 1024) / mebibyte,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}

/** How long all threads of a process have computed so far, in microseconds. */
export const cpuOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1000, 0)
