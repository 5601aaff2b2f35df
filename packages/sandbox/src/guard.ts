import { failure, type Outcome } from './outcome.ts'

const fixes: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on that disk',
  EDQUOT: 'make room in that quota',
  EACCES: 'look at the owner and mode of that path, or run it as the user who owns it',
  EPERM: 'look at the owner and mode of that path, or run it as the user who owns it',
  EROFS: 'set HOMESLICE_STATE and HOMESLICE_CACHE to folders that can be written to',
}

/** Runs `work`; an error of the system, such as a full disk, becomes a failure in words. Any other error is a bug and passes. */
export const guard = async <T extends object>(doing: string, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw error
    return failure(`${doing}: ${message}`, fixes[code] ?? 'look at that path')
  }
}
