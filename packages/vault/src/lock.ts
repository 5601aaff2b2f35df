import { readlink, rm, symlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded, lifeOf } from './life.ts'
import { codeOf, failure, type Failure } from './outcome.ts'

const usualWait = 10_000

/** Does something while no other of us changes the same file. A lock whose holder is dead is taken over. */
export const withLock = async <Result>(
  path: string,
  work: () => Promise<Result>,
  waitMilliseconds = usualWait,
): Promise<Result | Failure> => {
  const lock = `${path}.lock`
  for (const end = Date.now() + waitMilliseconds; Date.now() < end; await sleep(25)) {
    const taken = await take(lock)
    if (taken === 'busy') continue
    if (taken !== 'taken') return taken
    try {
      return await work()
    } finally {
      await rm(lock, { force: true })
    }
  }
  return failure(`another homeslice is changing ${path}`, `wait for it; if there is none, remove ${lock}`)
}

/** The lock is a link that names its holder: it is made with its content in one step, so a kill leaves none half made. */
const take = async (lock: string): Promise<'taken' | 'busy' | Failure> => {
  try {
    await symlink(lifeOf(process.pid), lock)
    return 'taken'
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'EEXIST') {
      return failure(`${lock} cannot be written (${code})`, 'look at the rights of that folder and the free disk')
    }
    await removeIfDead(lock)
    return 'busy'
  }
}

/**
 * Of several who find a dead holder only one may remove its lock: the next would remove the one that was taken since.
 * So that is done under a lock of its own, and looked at again.
 */
const removeIfDead = async (lock: string): Promise<void> => {
  if (!(await isDead(lock))) return
  const turn = `${lock}.dead`
  if ((await take(turn)) !== 'taken') return
  try {
    if (await isDead(lock)) await rm(lock, { force: true })
  } finally {
    await rm(turn, { force: true })
  }
}

const isDead = async (lock: string): Promise<boolean> => hasEnded(await readlink(lock).catch(() => ''))
