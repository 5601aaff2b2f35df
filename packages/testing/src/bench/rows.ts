/** One thing that was measured, several times. */
export type Row = {
  readonly what: string
  readonly seconds: readonly number[]
  /** What it must not exceed: a time, or a multiple of another row of the same run. */
  readonly bar?: { readonly seconds: number } | { readonly times: number; readonly of: string }
}

/** The middle one; of an even number, the higher of the two in the middle. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Rows as lines, each beside its bar. Ratios below 1 keep it. */
export const linesOf = (rows: readonly Row[]): string[] =>
  rows.map(({ what, seconds, bar }) => {
    const middle = median(seconds)
    const range = `${Math.min(...seconds).toFixed(3)}-${Math.max(...seconds).toFixed(3)}`
    const line = `${what.padEnd(52)} median ${middle.toFixed(3)} s  (${range}, N=${seconds.length})`
    if (bar === undefined) return line
    if ('seconds' in bar) return `${line}  bar ${bar.seconds} s, ratio ${(middle / bar.seconds).toFixed(2)}`
    const other = median(rows.find((row) => row.what === bar.of)?.seconds ?? [])
    return `${line}  bar ${bar.times} x ${bar.of}, ratio ${(middle / (bar.times * other)).toFixed(2)}`
  })

/** How long work takes, in seconds. Work that fails ends the bench: its time would mean nothing. */
export const timed = async (
  work: () => Promise<{ readonly code: number | null; readonly stderr: string; readonly stdout: string }>,
): Promise<number> => {
  const started = performance.now()
  const { code, stderr, stdout } = await work()
  if (code !== 0) throw new Error(`${stdout}${stderr}`)
  return (performance.now() - started) / 1000
}

/** The same, so many times. */
export const repeat = async (times: number, work: () => Promise<number>): Promise<number[]> => {
  const all: number[] = []
  for (let index = 0; index < times; index += 1) all.push(await work())
  return all
}
