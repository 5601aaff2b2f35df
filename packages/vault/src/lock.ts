import { readlink, rm, symlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { failure, type Failure } from './outcome.ts'

const waitMilliseconds = 10_000

/** Does something while no other of us changes the same file. A lock whose holder is dead is taken over. */
export const withLock = async <Result>(path: string, work: () => Promise<Result>): Promise<Result | Failure> => {
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
    await symlink(String(process.pid), lock)
    return 'taken'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code !== 'EEXIST') {
      return failure(`${lock} cannot be written (${code})`, 'look at the rights of that folder and the free disk')
    }
    await removeIfDead(lock)
    return 'busy'
  }
}

const removeIfDead = async (lock: string): Promise<void> => {
  const holder = Number(await readlink(lock).catch(() => ''))
  if (!Number.isInteger(holder) || holder <= 0) return
  try {
    process.kill(holder, 0)
  } catch (error) {
    // EPERM: it lives, and is another's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') await rm(lock, { force: true })
  }
}
