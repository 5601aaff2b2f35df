/** How many single-letter changes, with swaps of neighbours, make one word of another. */
const distance = (a: string, b: string): number => {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? 1 : Infinity
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + change, at(before, j - 2) + swap))
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

/** Nothing leads in from outside the table. */
const at = (row: readonly number[], index: number): number => row[index] ?? Infinity

/** "did you mean …?" for the nearest known word, else the list of known ones; nothing where there are none. */
export const didYouMean = (word: string, known: readonly string[]): { fix?: string } => {
  // Thousands of unknown names against thousands of known ones would take minutes.
  if (known.length > 200) return {}
  const short = word.slice(0, 64)
  const [best] = known
    .map((other) => ({ other, far: distance(short.toLowerCase(), other.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
  if (best === undefined) return {}
  if (best.far <= Math.max(1, Math.floor(short.length / 3))) return { fix: `did you mean "${best.other}"?` }
  return known.length > 30 ? {} : { fix: `known: ${known.join(', ')}` }
}
