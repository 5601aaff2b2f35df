import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'

/**
 * Who holds a lease, as people read it, with what tells on the same machine whether it still lives:
 * `ana@desk pid 71 4026531836-71-9135 3f9c`.
 */
export const holderName = (): string =>
  `${whoIsHere()} pid ${process.pid} ${lifeOf(process.pid) ?? 'unknown'} ${randomBytes(4).toString('hex')}`

/** Who runs this program, and where: `ana@desk`. */
export const whoIsHere = (): string => `${userName()}@${hostname()}`

/** A holder in words: who and where. */
export const holderWords = (holder: string): string => holder.split(' ').slice(0, 3).join(' ')

/** Whether a holder has certainly ended: only a process of this very machine, seen from here, can be known to have. */
export const isGone = (holder: string): boolean => {
  const [place, , pid, life = ''] = holder.split(' ')
  const here = lifeOf(process.pid)
  if (here === undefined || place?.endsWith(`@${hostname()}`) !== true) return false
  const [machine] = here.split('-')
  return life.startsWith(`${machine}-`) && lifeOf(Number(pid)) !== life
}

const userName = (): string => {
  try {
    return userInfo().username.replaceAll(/[^\w.-]/gu, '')
  } catch {
    // A uid that no file names.
    return String(process.getuid?.() ?? 'someone')
  }
}

/** One life of a process number: the machine since it was started, the namespace of numbers in it, and when it began. */
const lifeOf = (pid: number): string | undefined => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').trim().slice(0, 12)
    const namespace = /\d+/u.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended-0' : `${boot}${namespace}-${fields[19]}`
  } catch {
    return undefined
  }
}
