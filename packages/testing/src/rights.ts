const nobody = 65_534

/** Does something as a user who owns nothing, where tests run as root: root may read and write everywhere. */
export const withoutRights = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(nobody)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
