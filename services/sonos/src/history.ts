import type { Step } from './commands.ts'

/** What became of the last command of each curation. */
export type History = {
  readonly add: (curation: string, step: Step) => void
  readonly of: (curation: string) => { readonly at?: string; readonly steps: readonly object[] }
}

/** A play begins with clearing, a pause is one step: each begins a new history. */
const begins = new Set(['clear', 'pause'])
const mostSteps = 100

/** Remembers the steps of each curation's last command. */
export const createHistory = (now: () => Date): History => {
  const kept = new Map<string, { readonly at: string; readonly steps: object[] }>()
  return {
    add: (curation, { player, step, result }) => {
      const known = kept.get(curation)
      const entry = known === undefined || begins.has(step) ? { at: now().toISOString(), steps: [] } : known
      kept.set(curation, entry)
      if (entry.steps.length < mostSteps)
        entry.steps.push({ player, step, ok: result.ok, ...(result.ok ? {} : { reason: result.reason }) })
    },
    of: (curation) => kept.get(curation) ?? { steps: [] },
  }
}
