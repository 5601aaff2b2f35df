import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { codeOf } from './outcome.ts'

/**
 * A process as others can tell whether it still runs: its number and machine, and where the system tells them, since
 * numbers are used again, the run of that machine, the namespace of the number and when it began.
 */
export const lifeOf = (pid: number): string => [pid, hostname(), ...ground(), startOf(pid) ?? ''].join(' ').trimEnd()

/** Whether a process has certainly ended. One of another machine, or of another namespace of numbers, cannot be known to have. */
export const hasEnded = (life: string): boolean => {
  const [number = '', host, boot, space, start] = life.split(' ')
  const pid = Number(number)
  if (!/^[1-9]\d*$/u.test(number) || host !== hostname()) return false
  const [bootNow, spaceNow] = ground()
  if (boot !== bootNow) return boot !== undefined
  if (space !== spaceNow) return false
  if (!answers(pid)) return true
  const now = startOf(pid)
  return now !== undefined && now !== start
}

/** The run of this machine since it was started, and the namespace that numbers of processes belong to; nothing where the system does not tell. */
const ground = (): readonly string[] => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return [boot, readlinkSync('/proc/self/ns/pid').replaceAll(/\D/gu, '')]
  } catch {
    return []
  }
}

/** When a process began, by the clock of the kernel; `ended` for one that only waits to be buried. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return undefined
  }
}

/** Whether there is a process of this number. */
const answers = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and is another's.
    return codeOf(error) !== 'ESRCH'
  }
}
